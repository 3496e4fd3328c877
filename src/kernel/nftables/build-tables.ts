/** What components contribute, and the text of a machine → its tables. Rules are read when a packet first enters a chain. */
import { lazy } from '../../lib/lazy.ts';
import { parseRule } from './parse-rule.ts';
import type { NftChain, NftFamily, NftRuleset, NftTable } from './ruleset.ts';
import type { NftChainSpec, NftTableSpec } from './table-spec.ts';

/** `base` is what the machine had before the components came. */
export function buildTables(specs: readonly NftTableSpec[], base: NftRuleset): NftRuleset {
  return [...base, ...specs.map(buildTable)];
}

const shared = new WeakMap<NftChainSpec, Map<NftFamily, NftChain>>();

/** The same object wherever the same NftChainSpec is: thousands of nodes share most of theirs. */
function buildChain(spec: NftChainSpec, family: NftFamily): NftChain {
  let byFamily = shared.get(spec);
  if (byFamily === undefined) {
    byFamily = new Map();
    shared.set(spec, byFamily);
  }
  let chain = byFamily.get(family);
  if (chain === undefined) {
    const { rules, ...head } = spec;
    chain = { ...head, rules: lazy(() => rules().map((rule) => parseRule(rule, family))) };
    byFamily.set(family, chain);
  }
  return chain;
}

function buildTable({ family, name, comment, sets, chains, groups = [] }: NftTableSpec): NftTable {
  const fixed = chains.map((chain) => buildChain(chain, family));
  const byName = new Map(fixed.map((chain) => [chain.name, chain]));
  const setsByName = new Map(sets.map((set) => [set.name, set]));
  const findChain = (wanted: string): NftChain | undefined => {
    for (const group of groups) {
      const spec = group.chain(wanted);
      if (spec !== undefined) return buildChain(spec, family);
    }
    return undefined;
  };
  return {
    family,
    name,
    ...(comment === undefined ? {} : { comment }),
    objects: [],
    sets: lazy(() => [...sets, ...groups.flatMap((group) => group.sets())]),
    chains: lazy(() => [
      ...fixed,
      ...groups.flatMap((group) => group.chains().map((spec) => buildChain(spec, family))),
    ]),
    baseChains: lazy(() => fixed.filter(({ base }) => base !== undefined)),
    chain: (wanted) => byName.get(wanted) ?? findChain(wanted),
    set: (wanted) =>
      setsByName.get(wanted) ?? groups.map((group) => group.set(wanted)).find((set) => set !== undefined),
  };
}
