/** Where the base chains of nftables stand at a hook, among the functions that are always there. */
import { HOOK_FUNCTIONS, type Hook, type HookFunction } from '../netfilter/hook.ts';
import type { Expression, Statement } from './expression.ts';
import type { NftChain, NftRuleset, NftTable } from './ruleset.ts';

type PlacedChain = { readonly table: NftTable; readonly chain: NftChain; readonly priority: number };

/** What a packet of one family meets at one hook. */
export type HookChains = {
  /** All functions of the hook by priority. */
  readonly functions: readonly HookFunction[];
  /** Chains of type nat, in the order in which nf_nat_inet_fn() asks them. */
  readonly nat: readonly PlacedChain[];
  /** Some chain of type nat stands at one of the hooks: then connections are bound at all of them (nf_nat_register_fn()). */
  readonly translates: boolean;
  readonly needsConntrack: boolean;
};

const known = new WeakMap<NftRuleset, Map<string, HookChains>>();

/** Placed once for each rule set, hook and family. */
export function hookChains(ruleset: NftRuleset, hook: Hook, family: 4 | 6): HookChains {
  let byHook = known.get(ruleset);
  if (byHook === undefined) {
    byHook = new Map();
    known.set(ruleset, byHook);
  }
  const key = `${hook} ${family}`;
  let chains = byHook.get(key);
  if (chains === undefined) {
    chains = placeChains(ruleset, hook, family);
    byHook.set(key, chains);
  }
  return chains;
}

function placeChains(ruleset: NftRuleset, hook: Hook, family: 4 | 6): HookChains {
  const tables = ruleset.filter((table) => table.family === 'inet' || table.family === (family === 4 ? 'ip' : 'ip6'));
  const awake = tables.filter(({ dormant }) => dormant !== true);
  const all = awake.flatMap((table) => table.baseChains().map((chain) => ({ table, chain, base: chain.base })));
  const functions: HookFunction[] = [...HOOK_FUNCTIONS[hook]];
  const nat: PlacedChain[] = [];
  for (const { table, chain, base } of all) {
    if (base?.hook !== hook) continue;
    const placed: PlacedChain = { table, chain, priority: base.priority };
    if (base.type === 'nat') insert(nat, placed);
    else insert(functions, { kind: 'nftables', ...placed });
  }
  return {
    functions,
    nat,
    translates: all.some(({ base }) => base?.type === 'nat'),
    needsConntrack: tables.some(tableNeedsConntrack),
  };
}

/** nf_hook_entries_grow(): a later one goes in front of those of the same priority, iptables' tables included. */
function insert<T extends { readonly priority: number }>(list: T[], placed: T): void {
  const at = list.findIndex(({ priority }) => priority >= placed.priority);
  list.splice(at < 0 ? list.length : at, 0, placed);
}

/** nft_ct_init(), nft_nat_init() and the like: a rule that looks at connections switches tracking on. Base chains first. */
function tableNeedsConntrack(table: NftTable): boolean {
  const needs = (chain: NftChain) => chain.rules().some(({ statements }) => statements.some(statementNeedsConntrack));
  return table.baseChains().some(needs) || table.chains().some(needs);
}

function statementNeedsConntrack(statement: Statement): boolean {
  switch (statement.kind) {
    case 'comparison':
      return expressionNeedsConntrack(statement.left);
    case 'vmap':
      return expressionNeedsConntrack(statement.key);
    case 'nat':
      return true;
    case 'assign':
      return statement.target === 'ct mark' || expressionNeedsConntrack(statement.value);
    case 'dynset':
      return expressionNeedsConntrack(statement.key);
    case 'unknown':
    case 'harmless':
      return statement.text.startsWith('ct ');
    default:
      return false;
  }
}

function expressionNeedsConntrack(expression: Expression): boolean {
  switch (expression.kind) {
    case 'selector':
      return expression.selector.needsConntrack === true;
    case 'bitwise':
      return expressionNeedsConntrack(expression.left);
    case 'concat':
      return expression.parts.some(expressionNeedsConntrack);
    case 'map':
      return expressionNeedsConntrack(expression.key);
    default:
      return false;
  }
}
