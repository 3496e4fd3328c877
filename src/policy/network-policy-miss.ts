/**
 * Why a NetworkPolicy's rules do not allow a connection, rule by rule and peer by peer: for the reader of a trace, who wants
 * to know what each rule wanted and what the connection had. The engine is that of every judgement.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { NetworkPolicy, NetworkPolicyPort, Pod, Protocol } from '../cluster/objects.ts';
import type { PolicyConnection } from '../cluster/policy/policy-connection.ts';
import { hasConnection } from './connection-set.ts';
import { type End, podEnd } from './end.ts';
import { fromNetworkPolicy } from './from-network-policy.ts';
import { type EndMiss, missOfTerm } from './match-end.ts';
import { type Ends, trafficOfRule, unresolvedNames } from './match-rule.ts';
import type { Direction, PolicyRule } from './rule-set.ts';

export type PeerResult = { readonly kind: 'match' } | EndMiss;

export type PortResult =
  | { readonly kind: 'match' }
  | { readonly kind: 'miss'; readonly wanted: readonly NetworkPolicyPort[] }
  /** Names that no container port of the destination Pod has. */
  | { readonly kind: 'unresolved'; readonly names: readonly string[]; readonly wanted: readonly NetworkPolicyPort[] };

export type NetworkPolicyMiss = {
  /** Position in spec.ingress or spec.egress. */
  readonly rule: number;
  readonly port: PortResult;
  /** In the rule's order; empty where the rule is for all peers. */
  readonly peers: readonly PeerResult[];
  /** The port matches and some peer does: then this rule allows the connection. */
  readonly allows: boolean;
};

/** One entry for each rule of the direction, in order. `pod` is the Pod that the policy selects. */
export function explainNetworkPolicyMiss(
  cluster: Cluster,
  policy: NetworkPolicy,
  direction: Direction,
  pod: Pod,
  connection: PolicyConnection,
): readonly NetworkPolicyMiss[] {
  const ends = endsOf(pod, connection);
  const rules = fromNetworkPolicy(policy).rules[direction] ?? [];
  return policy[direction].flatMap(({ ports }, index) => {
    const rule = rules[index];
    if (rule === undefined) return [];
    const port: PortResult =
      ports.length === 0 || isOnPorts(cluster, rule, direction, ends, connection)
        ? { kind: 'match' }
        : portMiss(rule, direction === 'ingress' ? ends.subject : ends.peer, ports);
    const peers = (rule.peers ?? []).map(
      (term): PeerResult => missOfTerm(cluster, term, ends.peer, ends.subject) ?? { kind: 'match' },
    );
    const peerMatches = peers.length === 0 || peers.some(({ kind }) => kind === 'match');
    return [{ rule: index, port, peers, allows: port.kind === 'match' && peerMatches }];
  });
}

/** How far a rule is from allowing the connection: 0 allows it. The nearest miss has the smallest number. */
export function distanceOf({ port, peers }: NetworkPolicyMiss): number {
  const peer = peers.length === 0 ? 0 : Math.min(...peers.map(peerDistance));
  return peer + (port.kind === 'match' ? 0 : 1);
}

function peerDistance(result: PeerResult): number {
  if (result.kind === 'match') return 0;
  return result.kind === 'labels' ? result.namespace.length + result.pod.length : 1;
}

function endsOf(pod: Pod, { peerIp, peerPod }: PolicyConnection): Ends {
  return {
    subject: podEnd(pod, pod.ips[0] ?? peerIp),
    peer: peerPod === undefined ? { ip: peerIp } : podEnd(peerPod, peerIp),
  };
}

/** Whether the rule's ports are the connection's; a protocol without ports is none that such a rule can name. */
function isOnPorts(
  cluster: Cluster,
  rule: PolicyRule,
  direction: Direction,
  ends: Ends,
  { protocol, port }: PolicyConnection,
): boolean {
  const lane = LANES[protocol];
  return (
    lane !== undefined && port !== undefined && hasConnection(trafficOfRule(cluster, rule, direction, ends), lane, port)
  );
}

const LANES: Readonly<Record<PolicyConnection['protocol'], Protocol | undefined>> = {
  ...{ tcp: 'TCP', udp: 'UDP', sctp: 'SCTP', icmp: undefined, other: undefined },
};

function portMiss(rule: PolicyRule, destination: End, wanted: readonly NetworkPolicyPort[]): PortResult {
  const names = unresolvedNames(rule, destination);
  return names.length === 0 ? { kind: 'miss', wanted } : { kind: 'unresolved', names, wanted };
}
