/**
 * Whether one rule of a NetworkPolicy allows all that another one does, whatever Pods there are: judged by what the
 * selectors require, and not by the Pods that happen to be in the input.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { LabelSelector, SelectorRequirement } from '../cluster/objects.ts';
import { matchesSelector } from '../cluster/selector.ts';
import { overlaps, covers as prefixCovers } from '../net/prefix.ts';
import {
  ALL_CONNECTIONS,
  type ConnectionSet,
  intersect,
  isEmpty,
  NO_CONNECTIONS,
  only,
  subtract,
  unite,
} from '../policy/connection-set.ts';
import type { EndTerm, NamespaceTerm, PolicyRule, TrafficTerm } from '../policy/rule-set.ts';

/** Numbers as a set, and names of ports, of which nothing is known but the name: `TCP http`. */
type Traffic = { readonly connections: ConnectionSet; readonly names: ReadonlySet<string> };

/** Those of the rules that together allow all that `narrow` does; undefined where something of it is left. */
export function coverersOf(
  cluster: Cluster,
  narrow: PolicyRule,
  wide: readonly PolicyRule[],
): readonly PolicyRule[] | undefined {
  const wanted = trafficOfRule(narrow);
  const used = new Set<PolicyRule>();
  for (const peer of narrow.peers ?? [undefined]) {
    let left = wanted;
    for (const rule of wide) {
      if (!meansPeer(cluster, rule, peer)) continue;
      const next = without(left, trafficOfRule(rule));
      if (next !== left) used.add(rule);
      left = next;
      if (isNothing(left)) break;
    }
    if (!isNothing(left)) return undefined;
  }
  return [...used];
}

function meansPeer(cluster: Cluster, { peers }: PolicyRule, narrow: EndTerm | undefined): boolean {
  if (peers === undefined) return true;
  return narrow !== undefined && peers.some((wide) => termCovers(cluster, wide, narrow));
}

function trafficOfRule({ traffic }: PolicyRule): Traffic {
  if (traffic === undefined) return { connections: ALL_CONNECTIONS, names: new Set() };
  const names = new Set(traffic.flatMap((term) => namesIn(term)));
  return { connections: traffic.map(numbersIn).reduce(unite, NO_CONNECTIONS), names };
}

const LANES = ['TCP', 'UDP', 'SCTP'] as const;

function numbersIn({ connections, ports }: TrafficTerm): ConnectionSet {
  if (ports.length === 0) return connections;
  return LANES.flatMap((lane) => ports.flatMap((port) => (port.kind === 'range' ? [only(lane, [port.range])] : [])))
    .map((set) => intersect(set, connections))
    .reduce(unite, NO_CONNECTIONS);
}

function namesIn({ connections, ports }: TrafficTerm): readonly string[] {
  const lanes = LANES.filter((lane) => connections[lane].length > 0);
  return lanes.flatMap((lane) => ports.flatMap((port) => (port.kind === 'named' ? [`${lane} ${port.name}`] : [])));
}

/** What is left of the traffic; the same object where nothing is taken away. */
function without(left: Traffic, taken: Traffic): Traffic {
  const connections = subtract(left.connections, taken.connections);
  const names = new Set([...left.names].filter((name) => !taken.names.has(name) && !hasWholeLane(taken, name)));
  const isSame = names.size === left.names.size && isEmpty(subtract(left.connections, connections));
  return isSame ? left : { connections, names };
}

/** All ports of a protocol have the named one among them. */
function hasWholeLane({ connections }: Traffic, name: string): boolean {
  const lane = LANES.find((each) => name.startsWith(`${each} `));
  return lane !== undefined && isEmpty(subtract(only(lane, [{ first: 1, last: 65535 }]), connections));
}

function isNothing({ connections, names }: Traffic): boolean {
  return names.size === 0 && isEmpty(connections);
}

function termCovers(cluster: Cluster, wide: EndTerm, narrow: EndTerm): boolean {
  if (wide.kind === 'pods' && narrow.kind === 'pods') {
    return (
      namespacesCover(cluster, wide.namespaces, narrow.namespaces) &&
      (wide.pods === undefined || selectorCovers(wide.pods, narrow.pods ?? EVERYTHING))
    );
  }
  if (wide.kind !== 'nets' || narrow.kind !== 'nets') return false;
  return narrow.nets.every(
    (net) =>
      wide.nets.some((outer) => prefixCovers(outer, net)) &&
      wide.except.every((hole) => !overlaps(hole, net) || narrow.except.some((own) => prefixCovers(own, hole))),
  );
}

const EVERYTHING: LabelSelector = { matchLabels: {}, matchExpressions: [] };

function namespacesCover(cluster: Cluster, wide: NamespaceTerm, narrow: NamespaceTerm): boolean {
  if (wide.kind === 'selector' && narrow.kind === 'selector') return selectorCovers(wide.selector, narrow.selector);
  if (wide.kind === 'selector' && narrow.kind === 'named')
    return matchesSelector(wide.selector, cluster.namespaceLabels(narrow.name));
  return wide.kind === 'named' && narrow.kind === 'named' && wide.name === narrow.name;
}

/** Whether all that `narrow` selects is selected by `wide`. */
function selectorCovers(wide: LabelSelector, narrow: LabelSelector): boolean {
  return requirementsCover(requirementsOf(wide), requirementsOf(narrow));
}

/** Whether labels that meet all of `narrow` meet all of `wide`. */
export function requirementsCover(
  wide: readonly SelectorRequirement[],
  narrow: readonly SelectorRequirement[],
): boolean {
  return wide.every((requirement) => narrow.some((each) => implies(each, requirement)));
}

export function requirementsOf({ matchLabels, matchExpressions }: LabelSelector): readonly SelectorRequirement[] {
  const pairs = Object.entries(matchLabels);
  return [...pairs.map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })), ...matchExpressions];
}

function implies(known: SelectorRequirement, wanted: SelectorRequirement): boolean {
  if (known.key !== wanted.key) return false;
  switch (wanted.operator) {
    case 'In':
      return known.operator === 'In' && known.values.every((value) => wanted.values.includes(value));
    case 'Exists':
      return known.operator === 'In' || known.operator === 'Exists';
    case 'DoesNotExist':
      return known.operator === 'DoesNotExist';
    case 'NotIn':
      if (known.operator === 'In') return known.values.every((value) => !wanted.values.includes(value));
      if (known.operator === 'NotIn') return wanted.values.every((value) => known.values.includes(value));
      return known.operator === 'DoesNotExist';
  }
}
