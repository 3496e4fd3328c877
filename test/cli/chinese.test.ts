/** Under `--lang zh` what is printed on standard output holds no English sentence: names, rules and messages of tools aside. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const TOPOLOGIES = readdirSync('topologies').filter((name) => existsSync(`topologies/${name}/probes.txt`));

/** Four words of small letters one after the other, with no Chinese among them. */
const SENTENCE = /(?<![-\w])[a-z]{2,} [a-z]+ [a-z]{2,} [a-z]+(?![-\w])/;

/** Text that a tool or a document wrote: it is repeated as it is. */
const REPEATED = [
  /-A [A-Za-z].*/,
  /curl: \(\d+\).*?host/,
  /(dnat|meta|ip6?|tcp|udp|counter) .*/,
  /(blackhole|unreachable|proto|scope|metric) .*/,
  /service account .*/,
];

function sentencesIn(output: string): readonly string[] {
  return output.split('\n').filter((line) => {
    const own = REPEATED.reduce((left, pattern) => left.replace(pattern, ''), line);
    return SENTENCE.test(own);
  });
}

/** A few questions of each: they differ in code, and a sentence that one misses another has. */
function questionsOf(name: string): readonly (readonly string[])[] {
  const lines = readFileSync(`topologies/${name}/probes.txt`, 'utf8').split('\n');
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    const [, question, outcome] = /^([^#+].*?) => (.*)$/.exec(line) ?? [];
    if (question === undefined || outcome === undefined || seen.has(outcome) || seen.size > 5) return [];
    seen.add(outcome);
    return [question.split(' ').slice(0, 2)];
  });
}

it.each(TOPOLOGIES)('%s', async (name) => {
  const input = ['-f', `topologies/${name}`, '--lang', 'zh'];
  const commands = [
    ['connectivity', '--explain', '--exposure'],
    ['show', 'policies'],
    ['lint'],
    ['validate'],
    ...questionsOf(name),
  ];
  const found: string[] = [];
  for (const argv of commands) found.push(...sentencesIn((await run([...argv, ...input])).stdout));
  expect([...new Set(found)]).toEqual([]);
});

it('finds an English sentence where there is one', () => {
  expect(sentencesIn('假定：the input describes no nodes')).toHaveLength(1);
  expect(sentencesIn('规则：-A KUBE-SVC -m comment')).toEqual([]);
});

it.each(
  [
    ['policy', 'shop/web', 'shop/api:8080'],
    ['policy', 'host/stranger', 'node/n2:9100', '-f', 'topologies/calico-tiers/policies/host.yaml'],
    ['policy', 'host/stranger', 'node/n2:30080', '-f', 'topologies/calico-tiers/policies/pre-dnat.yaml'],
    ['policy', 'host/stranger', 'node/n2:53', '-p', 'udp', '-f', 'topologies/calico-tiers/policies/untracked.yaml'],
    ['policy', 'host/stranger', 'shop/web:8080', '-f', 'topologies/calico-tiers/policies/forward.yaml'],
    ['matrix', '-n', 'shop'],
    ['codes'],
    ['codes', 'POLICY_INGRESS_NO_MATCH'],
    ['lint', '--list'],
    ['diff', 'topologies/calico-tiers/policies/host.yaml', 'topologies/calico-tiers/policies/cluster.yaml'],
    ['connectivity', '--explain', '-f', 'topologies/calico-tiers/policies/host.yaml'],
  ].map((words) => [words.join(' '), words] as const),
)('%s', async (_, words) => {
  const codes = words[0] === 'codes' || words.includes('--list');
  const ran = await run([...words, ...(codes ? [] : ['-f', 'topologies/calico-tiers']), '--lang', 'zh']);
  expect(ran.stdout).not.toBe('');
  expect(sentencesIn(ran.stdout)).toEqual([]);
});
