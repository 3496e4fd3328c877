/** Which policies select the two ends of a path, and why none of their rules fits. */
import type { Cluster } from '../cluster/cluster.ts';
import type { NetworkPolicy, Pod } from '../cluster/objects.ts';
import type { PolicyConnection } from '../cluster/policy/policy-connection.ts';
import { writtenKind } from '../cluster/policy/written-kind.ts';
import { policiesSelecting } from '../compile/cni/calico/policies-selecting.ts';
import type { Origin } from '../compile/origin.ts';
import { type Governing, governing, missesOfRule } from '../compile/rule-miss.ts';
import { type Cause, innermost } from '../explain/classify.ts';
import { CODES } from '../explain/codes.ts';
import type { ExplainContext } from '../explain/context.ts';
import { type Phrase, phrase, say } from '../explain/language.ts';
import { type OriginView, printPolicyName, printTitle, viewOrigin } from '../explain/origin-view.ts';
import { sayEmpty, sayFieldMisses, sayMiss } from '../explain/policy-words.ts';
import type { Selecting } from '../explain/summary.ts';
import type { Path } from '../kernel/walk/step.ts';
import type { IpAddr } from '../net/address.ts';
import { type Packet, portsOf } from '../net/packet.ts';
import { distanceOf, explainNetworkPolicyMiss, type NetworkPolicyMiss } from '../policy/network-policy-miss.ts';
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
  const policies = decidingPolicies(context.cluster, subject);
  return { pod: nameOf(subject.pod), policies: policies.map(({ object }) => printTitle(named(object))) };
}

/**
 * A rule whose peer fits and whose named port no container has is the likelier mistake than a missing rule: the code
 * says so.
 */
export function refinePolicyCause(cause: Cause, context: ExplainContext): Cause {
  if (cause.origin?.role === 'policy-deny' && isForHost(cause, context))
    return { ...cause, code: 'HOST_ENDPOINT_DENY' };
  const subject = subjectOf(cause, context);
  if (subject === undefined || context.cluster === undefined || cause.origin?.role !== 'policy-default') return cause;
  const unresolved = missesOf(context.cluster, subject).some(
    ({ miss }) => miss.port.kind === 'unresolved' && peerFits(miss),
  );
  return unresolved ? { ...cause, code: 'POLICY_NAMED_PORT_UNRESOLVED' } : cause;
}

function peerFits({ peers }: NetworkPolicyMiss): boolean {
  return peers.length === 0 || peers.some(({ kind }) => kind === 'match');
}

type Subject = {
  readonly pod: Pod;
  readonly direction: Direction;
  readonly connection: PolicyConnection;
  readonly origin: Origin;
};

/** A rule that denies stands in one chain for Pods and hosts: it was a host's where the end that it protects is no Pod. */
function isForHost(cause: Cause, context: ExplainContext): boolean {
  const packet = innermost(cause.packet);
  const own = cause.origin?.direction === 'egress' ? packet.src : packet.dst;
  return context.cluster?.podByIp(own) === undefined;
}

/** The policies of the tier that dropped the packet, or the one whose rule did. */
function decidingPolicies(cluster: Cluster, { pod, direction, origin }: Subject): readonly Governing[] {
  const all = governing(cluster, pod, direction);
  if (origin.role === 'policy-default') return all.filter(({ tier }) => tier === origin.tier);
  return all.filter(({ object }) => {
    const { kind, apiVersion } = writtenKind(object.kind);
    return kind === origin.kind && apiVersion === origin.apiVersion && object.name === origin.name;
  });
}

function placeOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Only where a policy of a Pod dropped the packet: by a rule, or because none of its tier fitted. */
function subjectOf(cause: Cause, context: ExplainContext): Subject | undefined {
  const { origin } = cause;
  if (origin === undefined || (origin.role !== 'policy-default' && origin.role !== 'policy-deny')) return undefined;
  const direction = origin.direction ?? 'ingress';
  const packet = innermost(cause.packet);
  const pod = podOf(origin, direction === 'ingress' ? packet.dst : packet.src, context);
  return pod === undefined
    ? undefined
    : { pod, direction, connection: connectionOf(packet, direction, context), origin };
}

/** The end of a tier names its Pod; a rule is for all that its policy selects, and the packet says which. */
function podOf(origin: Origin, address: IpAddr, { cluster }: ExplainContext): Pod | undefined {
  if (origin.role === 'policy-deny') return cluster?.podByIp(address);
  const [namespace, name] = origin.pod?.split('/') ?? [];
  return name === undefined ? undefined : cluster?.pod(namespace ?? '', name);
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

type Found = { readonly policy: NetworkPolicy; readonly miss: NetworkPolicyMiss };

function missesOf(cluster: Cluster, { pod, direction, connection }: Subject): readonly Found[] {
  return policiesSelecting(cluster, pod, direction).flatMap((policy) =>
    explainNetworkPolicyMiss(cluster, policy, direction, pod, connection).map((miss) => ({ policy, miss })),
  );
}

/** What the report says about policies: the end that failed first, with its misses; then the other ends. */
export function viewPolicies(
  paths: readonly Path[],
  cause: Cause | undefined,
  context: ExplainContext,
): readonly PolicyView[] {
  const { cluster } = context;
  if (cluster === undefined || !hasPolicies(cluster)) return [];
  const views = new Map<string, PolicyView>();
  const add = (pod: Pod, direction: Direction, misses: readonly Phrase[]) => {
    const key = `${direction} ${nameOf(pod)}`;
    if (views.has(key) || views.size >= MOST_ENDS) return;
    const selecting = governing(cluster, pod, direction).map(viewPolicy);
    views.set(key, { direction, pod: nameOf(pod), selecting, misses });
  };
  const subject = cause === undefined ? undefined : subjectOf(cause, context);
  if (subject !== undefined) add(subject.pod, subject.direction, sayMisses(cluster, subject));
  for (const { path, ip } of endsInOrder(paths)) {
    const first = path.request.steps.find((step) => step.kind === 'originate');
    const source = first === undefined ? undefined : cluster.podByIp(first.packet.src);
    if (source !== undefined) add(source, 'egress', []);
    const destination = cluster.podByIp(ip);
    if (destination !== undefined && destination !== source) add(destination, 'ingress', []);
  }
  return [...views.values()];
}

/** Where each path leads, twins in their places; more than are shown need not be looked at. */
function endsInOrder(paths: readonly Path[]): readonly { readonly path: Path; readonly ip: IpAddr }[] {
  const ends = paths.flatMap((path) => [
    { path, place: path.place ?? 0, ip: innermost(path.request.packet).dst },
    ...(path.twins ?? []).map(({ place, destination }) => ({ path, place, ip: destination })),
  ]);
  return ends.sort((a, b) => a.place - b.place);
}

/** A note for a cluster whose CNI plugin does nothing about the policies that select an end (S71). */
export function policiesIgnored(
  paths: readonly Path[],
  context: ExplainContext,
): readonly { readonly code: string; readonly message: string }[] {
  const policies = viewPolicies(paths, undefined, context).flatMap(({ selecting }) => selecting.map(printPolicyName));
  if (policies.length === 0) return [];
  const summary = phrase(CODES.POLICY_NOT_ENFORCED.summary, { policies: [...new Set(policies)].join(', ') });
  return [{ code: 'POLICY_NOT_ENFORCED', message: say(summary, 'en') }];
}

/** Why the rules of the deciding tier did not fit, the nearest first. A rule that denies fitted: there is nothing to say. */
function sayMisses(cluster: Cluster, subject: Subject): readonly Phrase[] {
  const { origin, direction } = subject;
  if (origin.role !== 'policy-default') return [];
  const policies = decidingPolicies(cluster, subject);
  const near = [...kubernetesMisses(cluster, subject), ...ruleMisses(cluster, subject, policies)]
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_MISSES)
    .map(({ words }) => words);
  return near.length > 0 ? near : policies.map(({ object }) => sayEmpty(printPolicyName(named(object)), direction));
}

type Said = { readonly distance: number; readonly words: Phrase };

function kubernetesMisses(cluster: Cluster, subject: Subject): readonly Said[] {
  if (subject.origin.tier !== undefined && subject.origin.tier !== 'default') return [];
  return missesOf(cluster, subject)
    .filter(({ miss }) => !miss.allows)
    .map(({ policy, miss }) => ({
      distance: distanceOf(miss),
      words: sayMiss(placeOf(policy), subject.direction, miss, subject.connection),
    }));
}

/** Rules of all other APIs that would have let it on. One rule of a policy may have become several: the nearest of them speaks for it. */
function ruleMisses(
  cluster: Cluster,
  { pod, direction, connection }: Subject,
  policies: readonly Governing[],
): readonly Said[] {
  return policies.flatMap(({ object, rules }) => {
    if (object.kind === 'NetworkPolicy') return [];
    const nearest = new Map<number, Said>();
    for (const rule of rules) {
      if (rule.action === 'deny') continue;
      const misses = missesOfRule(cluster, rule, direction, pod, connection);
      const known = nearest.get(rule.index);
      if (misses.length === 0 || (known !== undefined && known.distance <= misses.length)) continue;
      const words = sayFieldMisses(printPolicyName(named(object)), direction, rule.index, misses, connection);
      nearest.set(rule.index, { distance: misses.length, words });
    }
    return [...nearest.values()];
  });
}

function named({ kind, namespace, name }: Governing['object']) {
  return { ...writtenKind(kind), namespace: namespace ?? null, name };
}

function hasPolicies({ policies, adminPolicies, calicoPolicies }: Cluster): boolean {
  return policies.length + adminPolicies.length + calicoPolicies.length > 0;
}

function viewPolicy({ object, tier }: Governing): OriginView {
  const { kind, namespace, name, source } = object;
  return viewOrigin({
    role: 'policy-default',
    ...writtenKind(kind),
    name,
    tier,
    ...(namespace === undefined ? {} : { namespace }),
    ...(source === undefined ? {} : { source }),
  });
}

function nameOf(pod: Pod): string {
  return `${pod.namespace}/${pod.name}`;
}
