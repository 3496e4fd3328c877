/** A first suite out of what the policies say today, to be read and edited: what each rule admits, and somebody it does not. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import { isEmpty } from '../policy/connection-set.ts';
import { type End, isSelectable, podEnd } from '../policy/end.ts';
import { isFor, type PolicyWorld, policyWorld } from '../policy/judge.ts';
import { type Ends, matchRule } from '../policy/match-rule.ts';
import { DIRECTIONS, type Direction, type Policy } from '../policy/rule-set.ts';
import { sayPolicy } from '../policy/say-policy.ts';
import type { Loaded } from '../topology/load.ts';
import { firstPort, type PodQuestion, questionLine } from './question-line.ts';

/** Ends that are looked at for a rule: with 30,000 Pods one of each kind is found among the first. */
const MOST_PEERS = 400;

/** The text of a suite. `topology` are the files, as the suite is to name them. */
export function initSuite(loaded: Loaded, topology: readonly string[]): string {
  const { cluster } = loaded;
  const world = policyWorld(cluster);
  const peers = representatives(cluster);
  const groups = world.tiers.flatMap(({ policies }) =>
    policies.flatMap((policy) => {
      const lines = questionsOf(world, policy, peers).flatMap((question) => questionLine(question, loaded) ?? []);
      const unique = [...new Set(lines)];
      return unique.length === 0 ? [] : [{ name: sayPolicy(policy), lines: unique }];
    }),
  );
  return [
    '# What the policies do today. Read it, and change what is not meant.',
    `topology: ${JSON.stringify(topology)}`,
    ...(groups.length === 0 ? ['tests: []'] : ['tests:']),
    ...groups.flatMap(({ name, lines }) => [
      `  - group: ${JSON.stringify(name)}`,
      '    tests:',
      ...lines.map((line) => `      - ${JSON.stringify(line)}`),
    ]),
    '',
  ].join('\n');
}

/** One Pod of each workload, in the order of the Pods. */
function representatives({ pods }: Cluster): readonly Pod[] {
  const found = new Map<string, Pod>();
  for (const pod of pods) {
    if (!isSelectable(pod) || pod.phase !== 'Running') continue;
    const owner = pod.owner === undefined ? pod.name : `${pod.owner.kind}/${pod.owner.name}`;
    const key = `${pod.namespace} ${owner}`;
    if (!found.has(key)) found.set(key, pod);
  }
  return [...found.values()];
}

function endOf(pod: Pod): End | undefined {
  const [ip] = pod.ips;
  return ip === undefined ? undefined : podEnd(pod, ip);
}

/** For each rule the first peer that it admits, and one that no rule of the direction admits. */
function questionsOf(world: PolicyWorld, policy: Policy, pods: readonly Pod[]): readonly PodQuestion[] {
  const { cluster } = world;
  return DIRECTIONS.flatMap((direction): readonly PodQuestion[] => {
    const own = pods.find((pod) => {
      const end = endOf(pod);
      return end !== undefined && isFor(cluster, policy, direction, end);
    });
    const subject = own === undefined ? undefined : endOf(own);
    if (own === undefined || subject === undefined) return [];
    const rules = policy.rules[direction] ?? [];
    const found: PodQuestion[] = [];
    let sample: Pick<PodQuestion, 'lane' | 'port'> | undefined;
    let stranger: Pod | undefined;
    const open = new Set(rules);
    for (const pod of pods.slice(0, MOST_PEERS)) {
      const peer = endOf(pod);
      if (pod === own || peer === undefined) continue;
      const ends: Ends = { subject, peer };
      const admitting = rules.filter((rule) => !isEmpty(matchRule(cluster, rule, direction, ends).connections));
      if (admitting.length === 0) stranger ??= pod;
      for (const rule of admitting) {
        if (!open.delete(rule)) continue;
        const { connections } = matchRule(cluster, rule, direction, ends);
        const numbers = firstPort(connections, direction === 'ingress' ? own : pod);
        if (numbers === undefined) continue;
        sample ??= numbers;
        found.push({ ...between(direction, own, pod), ...numbers });
      }
    }
    if (stranger !== undefined) {
      const to = direction === 'ingress' ? own : stranger;
      const port = sample ?? { lane: 'TCP' as const, port: to.ports[0]?.port ?? 80 };
      found.push({ ...between(direction, own, stranger), ...port });
    }
    return found;
  });
}

function between(direction: Direction, own: Pod, peer: Pod): Pick<PodQuestion, 'from' | 'to'> {
  return direction === 'ingress' ? { from: peer, to: own } : { from: own, to: peer };
}
