/**
 * Every reason code, end to end: a topology with one mistake gives the code, and the same topology without the mistake
 * delivers. A code is either here or among those that this version cannot produce.
 */
import { describe, expect, it } from 'vitest';
import { REASON_CODES, type ReasonCode } from '../../src/explain/codes.ts';
import { say } from '../../src/explain/language.ts';
import { ask, loadText, run } from '../seeds/support.ts';
import { INGRESS_ROWS } from './matrix-ingress-rows.ts';
import { broken, cluster, filter, hosts, policy, sound } from './matrix-labs.ts';
import { POLICY_ROWS } from './matrix-policy-rows.ts';
import { ROWS as ROUTE_ROWS, type Row } from './matrix-rows.ts';

const ROWS: readonly Row[] = [...ROUTE_ROWS, ...INGRESS_ROWS, ...POLICY_ROWS];

/** What no packet of this version meets, and why. */
const NOT_PRODUCED: ReadonlyMap<string, string> = new Map<ReasonCode, string>([
  ['POLICY_NOT_ENFORCED', 'a note about policies, not a drop: its own test is below'],
]);

function answer({ more }: Row, topology: string, question: string) {
  const [source = '', destination = '', protocol] = question.split(' ');
  return ask(loadText(topology), source, destination, { ...more, ...(protocol === 'icmp' ? { protocol } : {}) });
}

describe.each(ROWS)('$code', (row) => {
  it('is what the mistake is called', () => {
    const { result } = answer(row, broken(row.topology), broken(row.question));
    expect({
      code: result.code,
      outcome: `${result.verdict} ${result.symptom}`,
      summary: say(result.summary, 'en'),
    }).toEqual({
      code: row.code,
      outcome: row.outcome,
      summary: row.summary,
    });
    expect(say(result.summary, 'zh')).not.toMatch(/[{}?]/);
  });

  it('goes away with the mistake', () => {
    const { result } = answer(row, sound(row.topology), sound(row.question));
    expect({ verdict: result.verdict, summary: say(result.summary, 'en') }).toMatchObject({ verdict: 'delivered' });
  });
});

it('every code of the list is produced here, or is known not to be', () => {
  const covered = new Set<string>([...ROWS.map(({ code }) => code), ...NOT_PRODUCED.keys()]);
  expect([...REASON_CODES.keys()].filter((code) => !covered.has(code))).toEqual([]);
  expect(ROWS.filter(({ code }) => NOT_PRODUCED.has(code))).toEqual([]);
});

it('POLICY_NOT_ENFORCED is a note: with flannel alone a policy changes nothing (S71)', () => {
  const denied = policy('web', 'ingress: []');
  const trace = ask(loadText(cluster({ cni: '{plugin: flannel}', more: denied })), 'client', '10.96.0.20:80');
  expect(trace.result).toMatchObject({ verdict: 'delivered', code: null });
  expect(trace.assumptions.filter(({ code }) => code === 'POLICY_NOT_ENFORCED').map(({ message }) => message)).toEqual([
    'The CNI plugin of this cluster does not enforce NetworkPolicy: default/rule would apply and change nothing.',
  ]);
  expect(ask(loadText(cluster({ more: denied })), 'client', '10.96.0.20:80').result.code).toBe(
    'POLICY_INGRESS_NO_MATCH',
  );
});

describe('the verdict', () => {
  const trace = async (topology: string, ...words: readonly string[]) => {
    const ran = await run([...words, '-f', 'lab.yaml', '-q'], { 'lab.yaml': topology });
    return { code: ran.code, line: ran.stdout.trimEnd().replace(/ {2,}/, ' | ') };
  };

  it('is mixed where one of two backends is broken, and says the share', async () => {
    const second = `---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: default, labels: {app: web}, annotations: {nettrace/listen: 81/tcp}}
spec: {nodeName: n1, containers: [{name: c, image: c, ports: [{name: http, containerPort: 80}]}]}
status: {phase: Running, podIP: 10.244.0.6, conditions: [{type: Ready, status: "True"}]}
`;
    const topology = cluster({ more: second });
    expect(await trace(topology, 'client', '10.96.0.20:80')).toEqual({
      code: 2,
      line: 'client 10.244.0.5 -> 10.96.0.20:80 (ClusterIP) tcp | MIXED',
    });
    const { result } = ask(loadText(topology), 'client', '10.96.0.20:80');
    expect(result).toMatchObject({ verdict: 'mixed', code: 'SOCKET_NOT_LISTENING' });
    expect(say(result.summary, 'en')).toBe(
      '50 % of the connections are delivered. The others: The packet arrives at default/web-1, but nothing there listens on tcp/80.',
    );
  });

  const GEOIP = '-m geoip --source-country CN -j';

  it('is undetermined where an unknown match could decide', async () => {
    expect(await trace(hosts({ r: filter(`-A FORWARD ${GEOIP} DROP`) }), 'a', '10.0.2.1:80')).toMatchObject({
      code: 3,
    });
  });

  it.each([
    ['both ways lead to the same end', filter(`-A FORWARD ${GEOIP} ACCEPT`)],
    ['the packet never meets the rule', filter('-A FORWARD -p tcp -j ACCEPT', `-A FORWARD ${GEOIP} DROP`)],
    ['the rest of the rule does not fit', filter(`-A FORWARD -p udp ${GEOIP} DROP`)],
  ])('stays delivered where %s', async (_, r) => {
    expect(await trace(hosts({ r }), 'a', '10.0.2.1:80')).toMatchObject({ code: 0 });
  });
});

describe('the blame of a default drop', () => {
  const blameOf = (spec: string) => {
    const denied = policy('web', spec);
    return ask(loadText(cluster({ more: denied })), 'client', '10.96.0.20:80').result.blame?.origin;
  };

  it('is the list of rules that admits nothing for the packet, by its line', () => {
    expect(blameOf('policyTypes: [Ingress],\n  ingress: [{ports: [{port: 443}]}]')).toMatchObject({
      kind: 'NetworkPolicy',
      namespace: 'default',
      name: 'rule',
      file: 'lab.yaml',
      field: 'spec.ingress',
      line: lineOf('  ingress: [{ports'),
    });
  });

  it('is the policy itself where it has no such list', () => {
    expect(blameOf('policyTypes: [Ingress]')).toMatchObject({ field: 'spec.ingress', line: lineOf('policyTypes') - 3 });
  });

  /** Of the policy, which is the last document. */
  function lineOf(words: string): number {
    const text = cluster({ more: policy('web', 'policyTypes: [Ingress],\n  ingress: [{ports: [{port: 443}]}]') });
    return text.split('\n').findIndex((line) => line.includes(words)) + 1;
  }
});

it('a closed port of the node-port range is only called so where no Pod of the host network means it', () => {
  const hostPod = `---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: default, annotations: {nettrace/listen: none}}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, image: c, ports: [{containerPort: 30080}]}]}
status: {phase: Running, podIP: 192.168.0.11}
`;
  const codeOf = (more: string) => ask(loadText(cluster({ more })), 'host/outside', 'node/n1:30080').result.code;
  expect([codeOf(''), codeOf(hostPod)]).toEqual(['NODE_PORT_NOT_BOUND', 'SOCKET_NOT_LISTENING']);
});

describe('a machine with one of two cards down', () => {
  const twoCards = (destination: string) =>
    ask(
      loadText(
        hosts({
          a: 'routes: []',
          aInterfaces: '- {name: eth1, segment: other, addresses: [10.0.7.1/24], up: false}',
        }),
      ),
      'a',
      destination,
    ).result.code;

  it('has a broken link towards the network of that card, and no route elsewhere', () => {
    expect([twoCards('10.0.7.2:80'), twoCards('10.0.2.1:80')]).toEqual(['LINK_DOWN', 'ROUTE_NOT_FOUND']);
  });
});

it('the report of a loop shows two rounds and the end', async () => {
  const loop = ROWS.find(({ code }) => code === 'ROUTE_LOOP');
  const ran = await run(['a', '10.0.3.1:80', '-f', 'lab.yaml'], { 'lab.yaml': broken(loop?.topology ?? '') });
  expect(ran.stdout.match(/FORWARD/g)?.length).toBeLessThan(8);
  expect(ran.stdout).toMatch(/the same places again, \d\d times/);
  expect(ran.stdout).toContain('<--');
});
