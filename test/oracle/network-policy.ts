/**
 * What NetworkPolicies allow, straight from the Kubernetes documentation (concepts/services-networking/network-policies)
 * and without a thought for speed: the reference that the compiled chains are held against. It shares no code with src/compile.
 */
import type { Cluster } from '../../src/cluster/cluster.ts';
import type {
  LabelSelector,
  Labels,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Pod,
} from '../../src/cluster/objects.ts';
import type { IpAddr } from '../../src/net/address.ts';
import { contains } from '../../src/net/prefix.ts';

export type PolicyQuestion = {
  /** A Pod, or an address outside. */
  readonly from: Pod | IpAddr;
  readonly to: Pod | IpAddr;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  readonly port?: number;
};

export type PolicyAnswer = { readonly egress: boolean; readonly ingress: boolean };

/** Each direction by itself; the connection needs both. */
export function policyAllows(cluster: Cluster, question: PolicyQuestion): PolicyAnswer {
  const { from, to } = question;
  return {
    egress: !isPod(from) || directionAllows(cluster, from, 'egress', to, question),
    ingress: !isPod(to) || directionAllows(cluster, to, 'ingress', from, question),
  };
}

function directionAllows(
  cluster: Cluster,
  pod: Pod,
  direction: 'ingress' | 'egress',
  other: Pod | IpAddr,
  question: PolicyQuestion,
): boolean {
  // Policies select Pods of the Pod network only.
  if (pod.hostNetwork) return true;
  const isolating = cluster.policies.filter((policy) => isolates(policy, pod, direction));
  if (isolating.length === 0) return true;
  return isolating.some((policy) => npAllows(cluster, policy, direction, other, question));
}

/** Whether the policy closes the Pod in the direction to everything that it does not allow. */
export function isolates(policy: NetworkPolicy, pod: Pod, direction: 'ingress' | 'egress'): boolean {
  return (
    policy.namespace === pod.namespace &&
    policy.policyTypes.includes(direction === 'ingress' ? 'Ingress' : 'Egress') &&
    selectorMatches(policy.podSelector, pod.labels)
  );
}

/** Whether one of its rules allows the connection. */
export function npAllows(
  cluster: Cluster,
  policy: NetworkPolicy,
  direction: 'ingress' | 'egress',
  other: Pod | IpAddr,
  question: PolicyQuestion,
): boolean {
  return policy[direction].some(
    (rule) =>
      (rule.peers.length === 0 || rule.peers.some((peer) => peerMatches(cluster, policy, peer, other))) &&
      (rule.ports.length === 0 || rule.ports.some((port) => portMatches(port, question))),
  );
}

function peerMatches(cluster: Cluster, policy: NetworkPolicy, peer: NetworkPolicyPeer, other: Pod | IpAddr): boolean {
  if (peer.kind === 'ipBlock') {
    const addresses = isPod(other) ? other.ips : [other];
    return addresses.some((ip) => contains(peer.cidr, ip) && !peer.except.some((except) => contains(except, ip)));
  }
  if (!isPod(other) || other.hostNetwork) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined
      ? other.namespace === policy.namespace
      : selectorMatches(peer.namespaceSelector, cluster.namespaceLabels(other.namespace));
  return namespaceMatches && (peer.podSelector === undefined || selectorMatches(peer.podSelector, other.labels));
}

function portMatches(wanted: NetworkPolicyPort, { to, protocol, port }: PolicyQuestion): boolean {
  if (wanted.protocol !== protocol) return false;
  if (wanted.port === undefined) return true;
  if (port === undefined) return false;
  if (typeof wanted.port === 'number') return wanted.port <= port && port <= (wanted.endPort ?? wanted.port);
  // A named port is one of the destination Pod's container ports.
  if (!isPod(to) || to.hostNetwork) return false;
  return to.ports.some((each) => each.name === wanted.port && each.protocol === protocol && each.port === port);
}

function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  }
  for (const { key, operator, values } of selector.matchExpressions) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    const listed = value !== undefined && values.includes(value);
    if (operator === 'In' && !listed) return false;
    if (operator === 'NotIn' && listed) return false;
    if (operator === 'Exists' && value === undefined) return false;
    if (operator === 'DoesNotExist' && value !== undefined) return false;
  }
  return true;
}

function isPod(end: Pod | IpAddr): end is Pod {
  return typeof end === 'object';
}
