/** From an interface's name to its chain: a shallow tree (felix/rules/dispatch.go). */

import type { OriginId } from '../../../kernel/origin.ts';
import { groupBy } from '../../../lib/group-by.ts';
import { ENDPOINT_PREFIXES, endpointChainName } from './endpoint-chain.ts';
import { action, type FelixChain, type FelixRule, match } from './felix-rule.ts';
import type { Deny } from './static.ts';

export type DispatchDirection = 'from' | 'to';

export type DispatchOrigins = { readonly plumbing: OriginId; readonly unknown: OriginId };

/** Workloads: interfaces that Felix does not know are denied at the end of each chain. */
export function dispatchChains(
  direction: DispatchDirection,
  interfaces: readonly string[],
  deny: Deny,
  { plumbing, unknown }: DispatchOrigins,
): readonly FelixChain[] {
  return interfaceDispatch({
    root: `cali-${direction}-wl-dispatch`,
    prefix: ENDPOINT_PREFIXES.workload[direction === 'from' ? 'egress' : 'ingress'],
    direction,
    interfaces,
    end: [{ comments: ['Unknown interface'], action: deny.action, origin: unknown }],
    origin: plumbing,
  });
}

export type InterfaceDispatch = {
  readonly root: string;
  /** Of the endpoints' chains. */
  readonly prefix: string;
  readonly direction: DispatchDirection;
  readonly interfaces: readonly string[];
  /** For all other interfaces. */
  readonly end: readonly FelixRule[];
  readonly origin: OriginId;
};

/**
 * The root chain and its children. Names that share the character behind the common prefix of all get a child chain;
 * a name alone with it stands in the root.
 */
export function interfaceDispatch({
  root,
  prefix: chainPrefix,
  direction,
  interfaces,
  end,
  origin,
}: InterfaceDispatch): readonly FelixChain[] {
  const byInterface = direction === 'from' ? match.inInterface : match.outInterface;
  const { groups, prefixLength } = treeOf(interfaces);
  const leaf = (name: string): FelixRule => ({
    match: byInterface(name),
    action: action.goto(endpointChainName(chainPrefix, name)),
    origin,
  });
  const children: FelixChain[] = [];
  const rules: FelixRule[] = [];
  for (const [prefix, group] of groups) {
    if (group.length === 1) {
      rules.push(...group.map(leaf));
      continue;
    }
    const child = `${root}-${prefix.slice(prefixLength)}`;
    children.push({ name: child, rules: [...group.map(leaf), ...end] });
    rules.push({ match: byInterface(`${prefix}+`), action: action.goto(child), origin });
  }
  return [{ name: root, rules: [...rules, ...end] }, ...children];
}

type Tree = { readonly groups: ReadonlyMap<string, readonly string[]>; readonly prefixLength: number };

function treeOf(interfaces: readonly string[]): Tree {
  const names = [...new Set(interfaces)].sort();
  const prefixLength = commonPrefixLength(names);
  return { groups: groupBy(names, (name) => name.slice(0, prefixLength + 1)), prefixLength };
}

/** What it takes to come from the root chain to an interface's own. */
export type DispatchCost = {
  /** Rules examined, the one that leads to the interface's chain included. */
  readonly rules: number;
  /** Chains entered behind the root, the interface's own not counted. */
  readonly chains: number;
};

/** The cost for each of the interfaces of one tree, in either direction. */
export function dispatchCosts(interfaces: readonly string[]): ReadonlyMap<string, DispatchCost> {
  return new Map(
    [...treeOf(interfaces).groups.values()].flatMap((group, place) =>
      group.map((name, index): readonly [string, DispatchCost] => {
        const inRoot = place + 1;
        return [name, group.length === 1 ? { rules: inRoot, chains: 0 } : { rules: inRoot + index + 1, chains: 1 }];
      }),
    ),
  );
}

/** How many characters all names begin with in common: those that the first and the last of the sorted list share. */
function commonPrefixLength(sorted: readonly string[]): number {
  const first = sorted[0] ?? '';
  const last = sorted.at(-1) ?? '';
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return length;
}
