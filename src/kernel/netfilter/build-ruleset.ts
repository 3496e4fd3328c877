/** What components contribute to a machine's rules → its rule set. Chains are parsed when a packet first enters them. */
import { BugError } from '../../lib/assert.ts';
import { type Lazy, lazy } from '../../lib/lazy.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../netns-spec.ts';
import { ArgumentError } from './arguments.ts';
import { BUILTIN_CHAINS, TABLE_NAMES, type TableName } from './hook.ts';
import { type ParseRuleOptions, parseRule } from './parse-rule.ts';
import type { Chain, ChainPolicy, Rule, RuleSpec, Ruleset, Table } from './ruleset.ts';
import { sortChains } from './ruleset-editor.ts';

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
  if (base === undefined && chains.length === 0 && hooks.length === 0 && policies.length === 0) return undefined;
  const declared = groupByChain(chains);
  const names = new Set<string>([...BUILTIN_CHAINS[name], ...(base?.chains.keys() ?? []), ...declared.keys()]);
  const options: ParseRuleOptions = { family, isChain: (chain) => names.has(chain), chains: names };
  const policyOf = new Map<string, ChainPolicy>(policies.map(({ chain, policy }) => [chain, policy]));
  const built = new Map<string, Chain>();
  for (const chain of names) {
    const policy =
      policyOf.get(chain) ??
      base?.chains.get(chain)?.policy ??
      (BUILTIN_CHAINS[name].some((hook) => hook === chain) ? 'ACCEPT' : undefined);
    const rules = lazyRules(
      {
        base: base?.chains.get(chain)?.rules,
        hooks: hooks.filter((hook) => hook.chain === chain),
        declared: declared.get(chain) ?? [],
      },
      (spec) => parseContributed(name, chain, spec, options),
    );
    built.set(chain, { name: chain, ...(policy === undefined ? {} : { policy }), rules });
  }
  return { name, chains: sortChains(name, built) };
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
    return parseRule(spec, { ...options, chain });
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    throw new BugError(`table ${table}: -A ${chain} ${spec.args.join(' ')}: ${error.message}${hint}`);
  }
}
