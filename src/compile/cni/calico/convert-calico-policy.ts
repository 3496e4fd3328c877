/** Calico's NetworkPolicies, GlobalNetworkPolicies and Profiles (libcalico-go syncersv1/updateprocessors). */
import type { CalicoEntityRule, CalicoPolicy, CalicoPort, CalicoRule } from '../../../cluster/policy/calico-policy.ts';
import { compareText } from '../../../cluster/policy/selector.ts';
import { memoize } from '../../../lib/lazy.ts';
import { entitySelectors, policySelector } from './entity-selector.ts';
import type { PortRange } from './felix-rule.ts';
import type { Direction, Policy, PolicyRule, PolicyStage, RuleSide } from './policy-model.ts';

export function convertCalicoPolicy(policy: CalicoPolicy): Policy {
  const { name, tier } = policy;
  const namespace = policy.kind === 'CalicoNetworkPolicy' ? policy.namespace : undefined;
  const place = namespace === undefined ? {} : { namespace };
  const kind = namespace === undefined ? 'GlobalNetworkPolicy' : 'NetworkPolicy';
  return {
    object: policy,
    id: {
      kind,
      shortKind: namespace === undefined ? 'gnp' : 'np',
      ...place,
      name,
      // libcalico-go names: TieredPolicyName. In another tier the name itself begins with the tier's.
      tieredName: name.includes('.') ? name : `${tier}.${name}`,
    },
    tier,
    order: policy.order ?? Number.POSITIVE_INFINITY,
    types: policy.types,
    selector: policySelector(policy),
    ...place,
    stage: stageOf(policy),
    forward: policy.kind === 'CalicoNetworkPolicy' || policy.applyOnForward,
    rules: memoize((direction: Direction) =>
      policy[direction].map((rule, index) => convertCalicoRule(rule, index, namespace)),
    ),
  };
}

function stageOf(policy: CalicoPolicy): PolicyStage {
  if (policy.kind === 'CalicoNetworkPolicy') return 'normal';
  if (policy.doNotTrack) return 'untracked';
  return policy.preDnat ? 'pre-dnat' : 'normal';
}

const ACTIONS = { Allow: 'allow', Deny: 'deny', Log: 'log', Pass: 'pass' } as const;

export function convertCalicoRule(rule: CalicoRule, index: number, namespace: string | undefined): PolicyRule {
  const { protocol, notProtocol, icmp, notIcmp } = rule;
  const ipVersion = rule.ipVersion ?? versionOf(rule);
  return {
    index,
    action: ACTIONS[rule.action],
    ...(ipVersion === undefined ? {} : { ipVersion }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(notProtocol === undefined ? {} : { notProtocol }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(notIcmp === undefined ? {} : { notIcmp }),
    from: convertEntity(rule.from, namespace),
    to: convertEntity(rule.to, namespace),
    comments: Object.entries(rule.annotations ?? {})
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]) => `${key}=${value}`),
  };
}

/** felix/calc/rule_convert.go: ipVersionToProtoIPVersion. Each family has its own ICMP. */
function versionOf({ protocol }: CalicoRule): 4 | 6 | undefined {
  if (protocol?.name === 'ICMP') return 4;
  return protocol?.name === 'ICMPv6' ? 6 : undefined;
}

function convertEntity(entity: CalicoEntityRule, namespace: string | undefined): RuleSide {
  return {
    nets: entity.nets,
    notNets: entity.notNets,
    ...entitySelectors(entity, namespace),
    ports: ranges(entity.ports),
    namedPorts: names(entity.ports),
    notPorts: ranges(entity.notPorts),
    notNamedPorts: names(entity.notPorts),
    ...(entity.services === undefined ? {} : { service: entity.services }),
  };
}

function ranges(ports: readonly CalicoPort[]): readonly PortRange[] {
  return ports.flatMap((port) => (port.kind === 'range' ? [{ first: port.first, last: port.last }] : []));
}

function names(ports: readonly CalicoPort[]): readonly string[] {
  return ports.flatMap((port) => (port.kind === 'named' ? [port.name] : []));
}
