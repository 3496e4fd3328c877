/** Which policies select the two ends of a path, and why none of their rules fits. */
import type { Cluster } from '../cluster/cluster.ts';
import type { NetworkPolicy, Pod } from '../cluster/objects.ts';
import {
  distanceOf,
  explainPolicyMiss,
  type PolicyConnection,
  policiesSelecting,
  type RuleMiss,
} from '../compile/policy-miss.ts';
import { type Cause, innermost } from '../explain/classify.ts';
import { CODES } from '../explain/codes.ts';
import type { ExplainContext } from '../explain/context.ts';
import { type Phrase, phrase, say } from '../explain/language.ts';
import { type OriginView, viewOrigin } from '../explain/origin-view.ts';
import { sayEmpty, sayMiss } from '../explain/policy-words.ts';
import type { Selecting } from '../explain/summary.ts';
import type { Path } from '../kernel/walk/step.ts';
import type { IpAddr } from '../net/address.ts';
import { type Packet, portsOf } from '../net/packet.ts';
import type { PolicyView } from './trace.ts';

type Direction = 'ingress' | 'egress';

/** Misses that a report shows, the nearest first. */
const MOST_MISSES = 4;
/** Ends whose policies a report lists: with a thousand backends nobody reads all. */
const MOST_ENDS = 8;

/** The Pod whose policies decided, and those that select it. */
export function selectingOf(cause: Cause, context: ExplainContext): Selecting | undefined {
  const subject = subjectOf(cause, context);
  if (subject === undefined || context.cluster === undefined) return undefined;
  const policies = policiesSelecting(context.cluster, subject.pod, subject.direction);
  return {
    pod: nameOf(subject.pod),
    policies: policies.map((policy) => `${policy.kind} ${policy.namespace}/${policy.name}`),
  };
}

/**
 * A rule whose peer fits and whose named port no container has is the likelier mistake than a missing rule: the code
 * says so.
 */
export function refinePolicyCause(cause: Cause, context: ExplainContext): Cause {
  const subject = subjectOf(cause, context);
  if (subject === undefined || context.cluster === undefined) return cause;
  const unresolved = missesOf(context.cluster, subject).some(
    ({ miss }) => miss.port.kind === 'unresolved' && peerFits(miss),
  );
  return unresolved ? { ...cause, code: 'POLICY_NAMED_PORT_UNRESOLVED' } : cause;
}

function peerFits({ peers }: RuleMiss): boolean {
  return peers.length === 0 || peers.some(({ kind }) => kind === 'match');
}

type Subject = { readonly pod: Pod; readonly direction: Direction; readonly connection: PolicyConnection };

/** Only where the default of a policy dropped the packet. */
function subjectOf(cause: Cause, context: ExplainContext): Subject | undefined {
  const { origin } = cause;
  if (origin?.role !== 'policy-default' || origin.pod === undefined) return undefined;
  const [namespace, name] = origin.pod.split('/');
  const pod = name === undefined ? undefined : context.cluster?.pod(namespace ?? '', name);
  if (pod === undefined) return undefined;
  const direction = origin.direction ?? 'ingress';
  return { pod, direction, connection: connectionOf(innermost(cause.packet), direction, context) };
}

function connectionOf(packet: Packet, direction: Direction, context: ExplainContext): PolicyConnection {
  const peerIp: IpAddr = direction === 'ingress' ? packet.src : packet.dst;
  const peerPod = context.cluster?.podByIp(peerIp);
  const { proto } = packet.transport;
  const known = proto === 'tcp' || proto === 'udp' || proto === 'sctp' || proto === 'icmp';
  return {
    peerIp,
    ...(peerPod === undefined ? {} : { peerPod }),
    protocol: known ? proto : 'other',
    port: portsOf(packet)?.dport,
  };
}

type Found = { readonly policy: NetworkPolicy; readonly miss: RuleMiss };

function missesOf(cluster: Cluster, { pod, direction, connection }: Subject): readonly Found[] {
  return policiesSelecting(cluster, pod, direction).flatMap((policy) =>
    explainPolicyMiss(cluster, policy, direction, pod, connection).map((miss) => ({ policy, miss })),
  );
}

/** What the report says about policies: the end that failed first, with its misses; then the other ends. */
export function viewPolicies(
  paths: readonly Path[],
  cause: Cause | undefined,
  context: ExplainContext,
): readonly PolicyView[] {
  const { cluster } = context;
  if (cluster === undefined || cluster.policies.length === 0) return [];
  const views = new Map<string, PolicyView>();
  const add = (pod: Pod, direction: Direction, misses: readonly Phrase[]) => {
    const key = `${direction} ${nameOf(pod)}`;
    if (views.has(key) || views.size >= MOST_ENDS) return;
    const selecting = policiesSelecting(cluster, pod, direction).map(viewPolicy);
    views.set(key, { direction, pod: nameOf(pod), selecting, misses });
  };
  const subject = cause === undefined ? undefined : subjectOf(cause, context);
  if (subject !== undefined) add(subject.pod, subject.direction, sayMisses(cluster, subject));
  for (const path of paths) {
    const first = path.request.steps.find((step) => step.kind === 'originate');
    const source = first === undefined ? undefined : cluster.podByIp(first.packet.src);
    if (source !== undefined) add(source, 'egress', []);
    const destination = cluster.podByIp(innermost(path.request.packet).dst);
    if (destination !== undefined && destination !== source) add(destination, 'ingress', []);
  }
  return [...views.values()];
}

/** A note for a cluster whose CNI plugin does nothing about the policies that select an end (S71). */
export function policiesIgnored(
  paths: readonly Path[],
  context: ExplainContext,
): readonly { readonly code: string; readonly message: string }[] {
  const policies = viewPolicies(paths, undefined, context).flatMap(({ selecting }) =>
    selecting.map(({ namespace, name }) => `${namespace}/${name}`),
  );
  if (policies.length === 0) return [];
  const summary = phrase(CODES.POLICY_NOT_ENFORCED.summary, { policies: [...new Set(policies)].join(', ') });
  return [{ code: 'POLICY_NOT_ENFORCED', message: say(summary, 'en') }];
}

function sayMisses(cluster: Cluster, subject: Subject): readonly Phrase[] {
  const near = missesOf(cluster, subject)
    .filter(({ miss }) => !miss.allows)
    .sort((a, b) => distanceOf(a.miss) - distanceOf(b.miss))
    .slice(0, MOST_MISSES)
    .map(({ policy, miss }) =>
      sayMiss(`${policy.namespace}/${policy.name}`, subject.direction, miss, subject.connection),
    );
  if (near.length > 0) return near;
  return policiesSelecting(cluster, subject.pod, subject.direction).map((policy) =>
    sayEmpty(`${policy.namespace}/${policy.name}`, subject.direction),
  );
}

function viewPolicy(policy: NetworkPolicy): OriginView {
  const { kind, namespace, name, source } = policy;
  return viewOrigin({ role: 'policy-default', kind, namespace, name, ...(source === undefined ? {} : { source }) });
}

function nameOf(pod: Pod): string {
  return `${pod.namespace}/${pod.name}`;
}
