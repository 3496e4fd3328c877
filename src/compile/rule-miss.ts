/**
 * What of one of Calico's rules does not fit a connection: the fields that miss, for rules of every policy API after their
 * conversion. It decides nothing about packets.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import type { PolicyConnection } from '../cluster/policy/policy-connection.ts';
import { printSelector, type Selector, selects } from '../cluster/policy/selector.ts';
import { contains, printPrefix } from '../net/prefix.ts';
import type { PortRange } from './cni/calico/felix-rule.ts';
import { hostEndpointLookup, networkSetLookup, podLookup } from './cni/calico/labels.ts';
import { allPoliciesSelecting } from './cni/calico/policies-selecting.ts';
import type { Direction, Policy, PolicyRule, RuleSide } from './cni/calico/policy-model.ts';
import { policyBook } from './cni/calico/tiers.ts';

/** A policy that governs a Pod in a direction, with the tier that it stands in. */
export type Governing = Pick<Policy, 'object' | 'tier'> & { readonly rules: readonly PolicyRule[] };

/** In the order in which Felix asks them. */
export function governing(cluster: Cluster, pod: Pod, direction: Direction): readonly Governing[] {
  return allPoliciesSelecting(cluster, pod, direction).map((policy) => ({
    object: policy.object,
    tier: policy.tier,
    rules: policy.rules(direction),
  }));
}

/** A policy of any API, one of its rules, and one end of it, as they are evaluated. */
export type AnyPolicy = Policy;
export type AnyRule = PolicyRule;
export type RuleEnd = RuleSide;

/** All of them: tier by tier, in the order in which they are asked. */
export function policiesByTier(cluster: Cluster): readonly AnyPolicy[] {
  return policyBook(cluster).tiers.flatMap(({ policies }) => policies);
}

/** The canonical text, with words for what endpoints inherit: `namespace/team == "shop"`, `serviceaccount/may`. */
export function printSelectorWords(selector: Selector): string {
  return printSelector(selector)
    .replaceAll(/(?<=^|[(! ])pcns\./g, 'namespace/')
    .replaceAll(/(?<=^|[(! ])pcsa\./g, 'serviceaccount/');
}

export type FieldMiss = {
  readonly field: 'protocol' | 'port' | 'address' | 'selector' | 'service';
  /** As the rule says it, `!` in front of what must not be. */
  readonly wanted: string;
};

/** Empty where the rule fits; `pod` is the Pod that the policy selects. Source ports are not asked about. */
export function missesOfRule(
  cluster: Cluster,
  rule: PolicyRule,
  direction: Direction,
  pod: Pod,
  connection: PolicyConnection,
): readonly FieldMiss[] {
  const peer = direction === 'ingress' ? rule.from : rule.to;
  const destination = direction === 'ingress' ? pod : connection.peerPod;
  return [
    ...protocolMisses(rule, connection),
    ...portMisses(rule.to, destination, connection),
    ...peerMisses(cluster, peer, connection),
  ];
}

const NUMBERS: Readonly<Record<PolicyConnection['protocol'], number | undefined>> = {
  ...{ tcp: 6, udp: 17, sctp: 132, icmp: 1, other: undefined },
};

function protocolMisses({ protocol, notProtocol }: PolicyRule, connection: PolicyConnection): readonly FieldMiss[] {
  const number = NUMBERS[connection.protocol];
  const name = (each: { readonly number: number; readonly name?: string }): string => each.name ?? String(each.number);
  return [
    ...(protocol === undefined || protocol.number === number ? [] : [miss('protocol', name(protocol))]),
    ...(notProtocol?.number === number && notProtocol !== undefined ? [miss('protocol', `!${name(notProtocol)}`)] : []),
  ];
}

function portMisses(
  side: RuleSide,
  destination: Pod | undefined,
  { protocol, port }: PolicyConnection,
): readonly FieldMiss[] {
  const within = (ranges: readonly PortRange[], names: readonly string[]): boolean =>
    port !== undefined &&
    (ranges.some(({ first, last }) => port >= first && port <= last) ||
      (destination?.ports ?? []).some(
        (each) => each.port === port && names.includes(each.name ?? '') && each.protocol.toLowerCase() === protocol,
      ));
  const asked = side.ports.length + side.namedPorts.length > 0;
  const refused = side.notPorts.length + side.notNamedPorts.length > 0;
  return [
    ...(asked && !within(side.ports, side.namedPorts) ? [miss('port', printPorts(side.ports, side.namedPorts))] : []),
    ...(refused && within(side.notPorts, side.notNamedPorts)
      ? [miss('port', `!${printPorts(side.notPorts, side.notNamedPorts)}`)]
      : []),
  ];
}

function printPorts(ranges: readonly PortRange[], names: readonly string[]): string {
  const numbers = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return [...numbers, ...names].join(', ');
}

function peerMisses(cluster: Cluster, side: RuleSide, connection: PolicyConnection): readonly FieldMiss[] {
  const { peerIp } = connection;
  const { nets, notNets, selector, notSelector, service } = side;
  const inside = notNets.find((net) => contains(net, peerIp));
  const selected = (chosen: Selector): boolean => isSelected(cluster, chosen, connection);
  return [
    ...(nets.length === 0 || nets.some((net) => contains(net, peerIp))
      ? []
      : [miss('address', nets.map(printPrefix).join(', '))]),
    ...(inside === undefined ? [] : [miss('address', `!${printPrefix(inside)}`)]),
    ...(selector === undefined || selected(selector) ? [] : [miss('selector', printSelectorWords(selector))]),
    ...(notSelector !== undefined && selected(notSelector)
      ? [miss('selector', `!${printSelectorWords(notSelector)}`)]
      : []),
    ...(service === undefined || isEndpointOf(cluster, service, connection)
      ? []
      : [miss('service', `${service.namespace}/${service.name}`)]),
  ];
}

/** Pods, and host endpoints and network sets that hold the address. */
function isSelected(cluster: Cluster, selector: Selector, { peerIp, peerPod }: PolicyConnection): boolean {
  if (peerPod !== undefined && !peerPod.hostNetwork && selects(selector, podLookup(cluster, peerPod))) return true;
  const set = cluster.networkSets.some(
    (each) => each.nets.some((net) => contains(net, peerIp)) && selects(selector, networkSetLookup(cluster, each)),
  );
  if (set) return true;
  return cluster.hostEndpoints.some(
    (each) => each.expectedIps.includes(peerIp) && selects(selector, hostEndpointLookup(cluster, each)),
  );
}

function isEndpointOf(
  cluster: Cluster,
  { namespace, name }: NonNullable<RuleSide['service']>,
  { peerIp }: PolicyConnection,
): boolean {
  const service = cluster.service(namespace, name);
  const slices = service === undefined ? [] : cluster.slicesOf(service);
  return slices.some(({ endpoints }) => endpoints.some(({ ip }) => ip === peerIp));
}

function miss(field: FieldMiss['field'], wanted: string): FieldMiss {
  return { field, wanted };
}
