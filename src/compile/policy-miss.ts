/**
 * Why a NetworkPolicy's rules do not allow a connection, field by field. It decides nothing about packets: it tells the
 * reader of a trace what each rule wanted and what the connection had.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../cluster/objects.ts';
import { type LabelMiss, labelMisses } from '../cluster/selector.ts';
import type { IpAddr } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';

export { policiesSelecting } from './cni/calico/policies-selecting.ts';

/** The connection as the policy sees it: after destination NAT, from the isolated Pod's point of view. */
export type PolicyConnection = {
  readonly peerIp: IpAddr;
  /** The Pod that holds the address; a Pod on the host network is none to a policy. */
  readonly peerPod?: Pod | undefined;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'other';
  /** Destination port; undefined for protocols without ports. */
  readonly port: number | undefined;
};

export type PeerResult =
  | { readonly kind: 'match' }
  | { readonly kind: 'outside-block'; readonly cidr: Prefix }
  | { readonly kind: 'in-exception'; readonly cidr: Prefix; readonly except: Prefix }
  /** Selectors mean Pods; the address is nobody's, or a Pod's on the host network. */
  | { readonly kind: 'not-a-pod' }
  /** A podSelector alone means Pods of the policy's own namespace. */
  | { readonly kind: 'other-namespace'; readonly wanted: string; readonly got: string }
  | { readonly kind: 'labels'; readonly namespace: readonly LabelMiss[]; readonly pod: readonly LabelMiss[] };

export type PortResult =
  | { readonly kind: 'match' }
  | { readonly kind: 'miss'; readonly wanted: readonly NetworkPolicyPort[] }
  /** Names that no container port of the destination Pod has. */
  | { readonly kind: 'unresolved'; readonly names: readonly string[]; readonly wanted: readonly NetworkPolicyPort[] };

export type RuleMiss = {
  /** Position in spec.ingress or spec.egress. */
  readonly rule: number;
  readonly port: PortResult;
  /** In the rule's order; empty where the rule is for all peers. */
  readonly peers: readonly PeerResult[];
  /** The port matches and some peer does: then this rule allows the connection. */
  readonly allows: boolean;
};

/** One entry for each rule of the direction, in order. `pod` is the Pod that the policy selects. */
export function explainPolicyMiss(
  cluster: Cluster,
  policy: NetworkPolicy,
  direction: 'ingress' | 'egress',
  pod: Pod,
  connection: PolicyConnection,
): readonly RuleMiss[] {
  const destination = direction === 'ingress' ? pod : connection.peerPod;
  return policy[direction].map((rule, index) => {
    const port = comparePorts(rule, destination, connection);
    const peers = rule.peers.map((peer) => comparePeer(cluster, policy, peer, connection));
    const peerMatches = peers.length === 0 || peers.some(({ kind }) => kind === 'match');
    return { rule: index, port, peers, allows: port.kind === 'match' && peerMatches };
  });
}

/** How far a rule is from allowing the connection: 0 allows it. The nearest miss has the smallest number. */
export function distanceOf({ port, peers }: RuleMiss): number {
  const peer = peers.length === 0 ? 0 : Math.min(...peers.map(peerDistance));
  return peer + (port.kind === 'match' ? 0 : 1);
}

function peerDistance(result: PeerResult): number {
  if (result.kind === 'match') return 0;
  return result.kind === 'labels' ? result.namespace.length + result.pod.length : 1;
}

function comparePorts(
  { ports }: NetworkPolicyRule,
  destination: Pod | undefined,
  connection: PolicyConnection,
): PortResult {
  if (ports.length === 0 || ports.some((port) => portMatches(port, destination, connection))) return { kind: 'match' };
  const names = ports.flatMap(({ port, protocol }) =>
    typeof port === 'string' && !destination?.ports.some((each) => each.name === port && each.protocol === protocol)
      ? [port]
      : [],
  );
  return names.length === 0 ? { kind: 'miss', wanted: ports } : { kind: 'unresolved', names, wanted: ports };
}

function portMatches(
  wanted: NetworkPolicyPort,
  destination: Pod | undefined,
  { protocol, port }: PolicyConnection,
): boolean {
  if (wanted.protocol.toLowerCase() !== protocol) return false;
  if (wanted.port === undefined) return true;
  if (port === undefined) return false;
  if (typeof wanted.port === 'number') return port >= wanted.port && port <= (wanted.endPort ?? wanted.port);
  const named = destination?.ports.filter((each) => each.name === wanted.port && each.protocol === wanted.protocol);
  return named?.some((each) => each.port === port) ?? false;
}

function comparePeer(
  cluster: Cluster,
  policy: NetworkPolicy,
  peer: NetworkPolicyPeer,
  { peerIp, peerPod }: PolicyConnection,
): PeerResult {
  if (peer.kind === 'ipBlock') {
    if (!contains(peer.cidr, peerIp)) return { kind: 'outside-block', cidr: peer.cidr };
    const except = peer.except.find((each) => contains(each, peerIp));
    return except === undefined ? { kind: 'match' } : { kind: 'in-exception', cidr: peer.cidr, except };
  }
  if (peerPod === undefined || peerPod.hostNetwork) return { kind: 'not-a-pod' };
  const got = peerPod.namespace;
  if (peer.namespaceSelector === undefined && got !== policy.namespace) {
    return { kind: 'other-namespace', wanted: policy.namespace, got };
  }
  const namespace = labelMisses(peer.namespaceSelector, cluster.namespaceLabels(got));
  const pod = labelMisses(peer.podSelector, peerPod.labels);
  return namespace.length + pod.length === 0 ? { kind: 'match' } : { kind: 'labels', namespace, pod };
}
