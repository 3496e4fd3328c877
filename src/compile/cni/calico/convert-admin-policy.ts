/**
 * AdminNetworkPolicies, BaselineAdminNetworkPolicies and ClusterNetworkPolicies as GlobalNetworkPolicies of their tiers
 * (libcalico-go conversion: clusternetworkpolicy.go, and conversion.go of 3.29 to 3.31). What the conversion does not know
 * fails closed: such a rule denies everything, or is left out where it would accept.
 */

import type { Protocol } from '../../../cluster/objects.ts';
import type {
  AdminPolicy,
  AdminPolicyPeer,
  AdminPolicyPort,
  AdminPolicyRule,
} from '../../../cluster/policy/admin-policy.ts';
import { compareText, type Selector } from '../../../cluster/policy/selector.ts';
import { memoize } from '../../../lib/lazy.ts';
import type { PortRange } from './felix-rule.ts';
import { namespaceSelectorTerm, podSelector } from './kubernetes-selector.ts';
import { type Direction, NO_SIDE, type Policy, type PolicyRule, type RuleSide } from './policy-model.ts';
import { protocolOf, simplifyPorts } from './policy-ports.ts';

type Naming = { readonly kind: string; readonly shortKind: string; readonly prefix: string; readonly tier: string };

function namingOf({ kind, tier }: AdminPolicy): Naming {
  if (kind === 'AdminNetworkPolicy') {
    return { kind: 'KubernetesAdminNetworkPolicy', shortKind: 'kanp', prefix: 'kanp', tier: 'adminnetworkpolicy' };
  }
  if (kind === 'BaselineAdminNetworkPolicy') {
    const own = 'KubernetesBaselineAdminNetworkPolicy';
    return { kind: own, shortKind: 'kbanp', prefix: 'kbanp', tier: 'baselineadminnetworkpolicy' };
  }
  const kube = tier === 'Admin' ? 'kube-admin' : 'kube-baseline';
  return { kind: 'KubernetesClusterNetworkPolicy', shortKind: 'kcnp', prefix: 'kcnp', tier: kube };
}

export function convertAdminPolicy(policy: AdminPolicy): Policy {
  const { name, subject } = policy;
  const { kind, shortKind, prefix, tier } = namingOf(policy);
  const rules = memoize((direction: Direction) =>
    policy[direction].flatMap((rule, index) => convertRule(rule, index, direction)),
  );
  return {
    object: policy,
    id: { kind, shortKind, name, tieredName: `${prefix}.${tier}.${name}` },
    tier,
    order: policy.priority,
    // The tiers pass by default: a direction is governed only where there are rules for it.
    get types() {
      return [
        ...(rules('ingress').length > 0 ? (['Ingress'] as const) : []),
        ...(rules('egress').length > 0 ? (['Egress'] as const) : []),
      ];
    },
    selector: {
      kind: 'and',
      operands: [podSelector(subject.podSelector), namespaceSelectorTerm(subject.namespaceSelector)],
    },
    stage: 'normal',
    forward: false,
    rules,
  };
}

const ACTIONS = { Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const;

/** For every protocol, in alphabetical order, and every peer, in order, one rule. */
function convertRule(rule: AdminPolicyRule, index: number, direction: Direction): readonly PolicyRule[] {
  const ports = portsByProtocol(rule.ports);
  const peers = rule.peers.map(convertPeer);
  const known = peers.flatMap((peer) => (peer === undefined ? [] : [peer]));
  if (ports === undefined || known.length < peers.length) {
    return rule.action === 'Accept' ? [] : [{ index, action: 'deny', from: NO_SIDE, to: NO_SIDE, comments: [] }];
  }
  const comments = rule.name === undefined || rule.name === '' ? [] : [`name=${rule.name}`];
  return ports.flatMap(({ protocol, ports: ranges }) =>
    known.map((peer): PolicyRule => {
      const sides =
        direction === 'ingress'
          ? { from: peer, to: { ...NO_SIDE, ports: ranges } }
          : { from: NO_SIDE, to: { ...peer, ports: ranges } };
      return {
        index,
        action: ACTIONS[rule.action],
        ...(protocol === undefined ? {} : { protocol: protocolOf(protocol) }),
        ...sides,
        comments,
      };
    }),
  );
}

/** Undefined for a peer that Calico does not convert: nodes, domain names, relations between namespaces. */
function convertPeer(peer: AdminPolicyPeer): RuleSide | undefined {
  if (peer.kind === 'networks') return { ...NO_SIDE, nets: peer.networks };
  if (peer.kind !== 'pods' || peer.namespaces.kind !== 'selector') return undefined;
  const namespaces = namespaceSelectorTerm(peer.namespaces.selector);
  const selector: Selector =
    peer.podSelector === undefined
      ? namespaces
      : { kind: 'and', operands: [namespaces, podSelector(peer.podSelector)] };
  return { ...NO_SIDE, selector };
}

type PortMatch = { readonly protocol?: Protocol; readonly ports: readonly PortRange[] };

/** Undefined for named ports, which Calico does not convert. */
function portsByProtocol(ports: readonly AdminPolicyPort[]): readonly PortMatch[] | undefined {
  if (ports.length === 0) return [{ ports: [] }];
  const found = new Map<Protocol, PortRange[] | 'all'>();
  for (const port of ports) {
    if (port.kind === 'named') return undefined;
    const before = found.get(port.protocol);
    if (port.kind === 'protocol') found.set(port.protocol, 'all');
    else if (before !== 'all') {
      found.set(port.protocol, [...(before ?? []), { first: port.first, last: port.last }]);
    }
  }
  return [...found]
    .sort(([a], [b]) => compareText(a, b))
    .map(([protocol, ranges]) => ({ protocol, ports: ranges === 'all' ? [] : simplifyPorts(ranges) }));
}
