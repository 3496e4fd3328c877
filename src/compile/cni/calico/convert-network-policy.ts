/** NetworkPolicies of networking.k8s.io (libcalico-go conversion.go: K8sNetworkPolicyToCalico). */
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from '../../../cluster/objects.ts';
import { compareText } from '../../../cluster/policy/selector.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { memoize } from '../../../lib/lazy.ts';
import { network } from '../../../net/prefix.ts';
import type { PortRange } from './felix-rule.ts';
import { namespacedPodSelector, peerSelector } from './kubernetes-selector.ts';
import { type Direction, NO_SIDE, type Policy, type PolicyRule, type RuleSide } from './policy-model.ts';
import { protocolOf, simplifyPorts } from './policy-ports.ts';

/** All of them have this order. */
const ORDER = 1000;

export function convertNetworkPolicy(policy: NetworkPolicy): Policy {
  const { namespace, name } = policy;
  return {
    object: policy,
    id: {
      kind: 'KubernetesNetworkPolicy',
      shortKind: 'knp',
      namespace,
      name,
      tieredName: `knp.default.${name}`,
    },
    tier: 'default',
    order: ORDER,
    types: policy.policyTypes,
    selector: namespacedPodSelector(policy.podSelector, namespace),
    namespace,
    stage: 'normal',
    forward: true,
    rules: memoize((direction: Direction) => convertRules(policy, direction)),
  };
}

/** For every protocol, in alphabetical order, and every peer, in order, one rule. */
function convertRules(policy: NetworkPolicy, direction: Direction): readonly PolicyRule[] {
  return policy[direction].flatMap((rule, index) => convertRule(rule, index, direction, policy.namespace));
}

function convertRule(
  rule: NetworkPolicyRule,
  index: number,
  direction: Direction,
  namespace: string,
): readonly PolicyRule[] {
  const peers = rule.peers.length === 0 ? [NO_SIDE] : rule.peers.map((peer) => convertPeer(peer, namespace));
  return portsByProtocol(rule.ports).flatMap(({ protocol, ...ports }) =>
    peers.map((peer): PolicyRule => {
      const sides =
        direction === 'ingress'
          ? { from: peer, to: { ...NO_SIDE, ...ports } }
          : { from: NO_SIDE, to: { ...peer, ...ports } };
      return { index, action: 'allow', ...(protocol === undefined ? {} : { protocol }), ...sides, comments: [] };
    }),
  );
}

function convertPeer(peer: NetworkPolicyPeer, namespace: string): RuleSide {
  if (peer.kind === 'pods') return { ...NO_SIDE, selector: peerSelector(peer, namespace) };
  return { ...NO_SIDE, nets: [network(peer.cidr)], notNets: peer.except.map(network) };
}

type PortMatch = {
  readonly protocol?: PolicyRule['protocol'] & {};
  readonly ports: readonly PortRange[];
  readonly namedPorts: readonly string[];
};

/** Ports of one protocol become one rule; an entry without a port means all ports of its protocol and absorbs the others. */
function portsByProtocol(ports: readonly NetworkPolicyPort[]): readonly PortMatch[] {
  if (ports.length === 0) return [{ ports: [], namedPorts: [] }];
  const byProtocol = groupBy(ports, ({ protocol }) => protocol);
  return [...byProtocol]
    .sort(([a], [b]) => compareText(a, b))
    .map(([protocol, entries]) => {
      const all = entries.some(({ port }) => port === undefined);
      const ranges = entries.flatMap(({ port, endPort }) =>
        typeof port === 'number' ? [{ first: port, last: endPort ?? port }] : [],
      );
      return {
        protocol: protocolOf(protocol),
        ports: all ? [] : simplifyPorts(ranges),
        namedPorts: all ? [] : entries.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])),
      };
    });
}
