/** A Kubernetes NetworkPolicy as Calico's rules (libcalico-go conversion.go: K8sNetworkPolicyToCalico). */

import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from '../../../cluster/objects.ts';
import { compareText } from '../../../cluster/policy/selector.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { network, type Prefix } from '../../../net/prefix.ts';
import { lowerProtocol } from '../../proxy/service-port.ts';
import type { PortRange } from './felix-rule.ts';
import { type PeerSelector, peerSelector } from './kubernetes-selector.ts';

export type Direction = 'ingress' | 'egress';

/** One allow rule: each field that is present must match; lists inside a field are alternatives. */
export type CalicoRule = {
  /** Position in spec.ingress or spec.egress of the rule it comes from. */
  readonly index: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  readonly ports: readonly PortRange[];
  readonly namedPorts: readonly string[];
  /** Sources of an ingress rule, destinations of an egress rule. */
  readonly peer?:
    | { readonly kind: 'selector'; readonly selector: PeerSelector }
    | { readonly kind: 'nets'; readonly net: Prefix; readonly notNets: readonly Prefix[] };
};

/** For every protocol, in alphabetical order, and every peer, in order, one rule. */
export function calicoRules(policy: NetworkPolicy, direction: Direction): readonly CalicoRule[] {
  return policy[direction].flatMap((rule, index) => convertRule(rule, index, policy.namespace));
}

function convertRule(rule: NetworkPolicyRule, index: number, namespace: string): readonly CalicoRule[] {
  const peers = rule.peers.length === 0 ? [undefined] : rule.peers.map((peer) => convertPeer(peer, namespace));
  return portsByProtocol(rule.ports).flatMap((ports) =>
    peers.map((peer) => ({ index, ...ports, ...(peer === undefined ? {} : { peer }) })),
  );
}

function convertPeer(peer: NetworkPolicyPeer, namespace: string): CalicoRule['peer'] {
  if (peer.kind === 'pods') return { kind: 'selector', selector: peerSelector(peer, namespace) };
  return { kind: 'nets', net: network(peer.cidr), notNets: peer.except.map(network) };
}

type PortMatch = Pick<CalicoRule, 'protocol' | 'ports' | 'namedPorts'>;

/** Ports of one protocol become one rule; an entry without a port means all ports of its protocol and absorbs the others. */
function portsByProtocol(ports: readonly NetworkPolicyPort[]): readonly PortMatch[] {
  if (ports.length === 0) return [{ ports: [], namedPorts: [] }];
  const byProtocol = groupBy(ports, ({ protocol }) => protocol);
  return [...byProtocol]
    .sort(([a], [b]) => compareText(a, b))
    .map(([protocol, entries]) => {
      const all = entries.some(({ port }) => port === undefined);
      return {
        protocol: lowerProtocol(protocol),
        ports: all ? [] : mergePorts(entries),
        namedPorts: all ? [] : entries.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])),
      };
    });
}

/** The fewest ranges that cover the numeric ports, ascending (SimplifyPorts). */
function mergePorts(entries: readonly NetworkPolicyPort[]): readonly PortRange[] {
  const ranges = entries
    .flatMap(({ port, endPort }) => (typeof port === 'number' ? [{ first: port, last: endPort ?? port }] : []))
    .sort((a, b) => a.first - b.first);
  const merged: PortRange[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else merged.push(range);
  }
  return merged;
}
