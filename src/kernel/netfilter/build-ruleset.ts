/** What components contribute to a machine's rules → its rule set. Chains are parsed when a packet first enters them. */
import { BugError } from '../../lib/assert.ts';
import { type Lazy, lazy } from '../../lib/lazy.ts';
import type { ChainGroup, ChainSpec, HookSpec, IptablesSpec } from '../netns-spec.ts';
import { ArgumentError } from './arguments.ts';
import { ChainMap } from './chain-map.ts';
import { deferRule } from './deferred-rule.ts';
import { WORTH_AN_INDEX } from './dispatch.ts';
import { isBuiltin, sortChains } from './edited-table.ts';
import { BUILTIN_CHAINS, TABLE_NAMES, type TableName } from './hook.ts';
import { parseAlike } from './parse-alike.ts';
import type { ParseRuleOptions } from './parse-rule.ts';
import type { Chain, ChainPolicy, Rule, RuleSpec, Ruleset, Table } from './ruleset.ts';

/**
 * Contributions in the order in which their components started: a hook rule is inserted above or appended below what is
 * there when its turn comes; chains of one name are one chain, filled in that order; the last policy counts. `base` is
 * what the machine had before them. Tables that nobody mentions are absent. Rules that do not parse are bugs of the
 * component's compiler.
 */
export function buildRuleset(
  contributions: readonly IptablesSpec[],
  base: Ruleset | undefined,
  family: 4 | 6,
): Ruleset {
  const byTable = TABLE_NAMES.flatMap((name) => {
    const table = buildTable(name, contributions, base?.get(name), family);
    return table === undefined ? [] : [[name, table] as const];
  });
  return new Map(byTable);
}

function buildTable(
  name: TableName,
  contributions: readonly IptablesSpec[],
  base: Table | undefined,
  family: 4 | 6,
): Table | undefined {
  const chains = contributions.flatMap((contribution) => contribution.chains.filter(({ table }) => table === name));
  const hooks = contributions.flatMap((contribution) => contribution.hooks.filter(({ table }) => table === name));
  const policies = contributions.flatMap((contribution) =>
    (contribution.policies ?? []).filter(({ table }) => table === name),
  );
  const groups = contributions.flatMap((contribution) =>
    (contribution.groups ?? []).filter(({ table }) => table === name),
  );
  const pieces = chains.length + hooks.length + policies.length + groups.length;
  if (base === undefined && pieces === 0) return undefined;
  const declared = groupByChain(chains);
  const names = new Set<string>([...BUILTIN_CHAINS[name], ...(base?.chains.keys() ?? []), ...declared.keys()]);
  const isChain = (chain: string): boolean => names.has(chain) || groups.some(({ owns }) => owns(chain));
  const options: ParseRuleOptions = { family, isChain, chains: names };
  const policyOf = new Map<string, ChainPolicy>(policies.map(({ chain, policy }) => [chain, policy]));
  const built = new Map<string, Chain>();
  for (const chain of names) {
    const old = base?.chains.get(chain);
    const policy = policyOf.get(chain) ?? old?.policy ?? (isBuiltin(name, chain) ? 'ACCEPT' : undefined);
    const sources: Sources = {
      base: old?.rules,
      hooks: hooks.filter((hook) => hook.chain === chain),
      declared: declared.get(chain) ?? [],
    };
    built.set(chain, buildChain(name, chain, policy, sources, options));
  }
  if (groups.length === 0) return { name, chains: sortChains(name, built) };
  return { name, chains: withGroups(name, built, groups, (spec) => sharedChain(spec, options)) };
}

/** A chain that one component alone has declared is shared; any other is put together, and its rules are read when asked for. */
function buildChain(
  table: TableName,
  name: string,
  policy: ChainPolicy | undefined,
  sources: Sources,
  options: ParseRuleOptions,
): Chain {
  const { base, hooks, declared } = sources;
  const [only] = declared;
  if (only !== undefined && declared.length === 1 && hooks.length === 0 && base === undefined && policy === undefined)
    return sharedChain(only, options);
  const rules = lazyRules(sources, (spec) => parseContributed(table, name, spec, options));
  return { name, ...(policy === undefined ? {} : { policy }), rules };
}

const shared = { 4: new WeakMap<ChainSpec, Chain>(), 6: new WeakMap<ChainSpec, Chain>() } as const;

/** The chain of a component's own, the same object wherever the same ChainSpec is: thousands of nodes share most of theirs. */
function sharedChain(spec: ChainSpec, options: ParseRuleOptions): Chain {
  const known = shared[options.family].get(spec);
  if (known !== undefined) return known;
  const parse = (rule: RuleSpec): Rule => parseContributed(spec.table, spec.chain, rule, options);
  const rules = lazy(() => {
    const specs = spec.rules();
    return specs.length < WORTH_AN_INDEX ? specs.map(parse) : specs.map((rule) => deferRule(rule, parse));
  });
  const chain: Chain = { name: spec.chain, rules };
  shared[options.family].set(spec, chain);
  return chain;
}

function withGroups(
  table: TableName,
  built: ReadonlyMap<string, Chain>,
  groups: readonly ChainGroup[],
  build: (spec: ChainSpec) => Chain,
): ChainMap {
  const find = (name: string): Chain | undefined => {
    for (const group of groups) {
      const spec = group.owns(name) ? group.find(name) : undefined;
      if (spec !== undefined) return build(spec);
    }
    return undefined;
  };
  const list = (): ReadonlyMap<string, Chain> => {
    const listed = groups.flatMap(({ all }) => all().map((spec): [string, Chain] => [spec.chain, build(spec)]));
    return sortChains(table, new Map([...listed, ...built]));
  };
  return new ChainMap(sortChains(table, built), find, list);
}

type Sources = {
  readonly base: Lazy<readonly Rule[]> | undefined;
  readonly hooks: readonly HookSpec[];
  readonly declared: readonly ChainSpec[];
};

function lazyRules({ base, hooks, declared }: Sources, parse: (spec: RuleSpec) => Rule): Lazy<readonly Rule[]> {
  return lazy(() => {
    const above: RuleSpec[] = [];
    const below: RuleSpec[] = [];
    for (const { place, rule } of hooks) {
      if (place === 'insert') above.unshift(rule);
      else below.push(rule);
    }
    const filled = declared.flatMap((chain) => [...chain.rules()]);
    return [...above.map(parse), ...(base?.() ?? []), ...filled.map(parse), ...below.map(parse)];
  });
}

function groupByChain(chains: readonly ChainSpec[]): ReadonlyMap<string, readonly ChainSpec[]> {
  const groups = new Map<string, ChainSpec[]>();
  for (const chain of chains) {
    const group = groups.get(chain.chain);
    if (group === undefined) groups.set(chain.chain, [chain]);
    else group.push(chain);
  }
  return groups;
}

function parseContributed(table: TableName, chain: string, spec: RuleSpec, options: ParseRuleOptions): Rule {
  try {
    return parseAlike(spec, { ...options, chain });
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    throw new BugError(`table ${table}: -A ${chain} ${spec.args.join(' ')}: ${error.message}${hint}`);
  }
}
