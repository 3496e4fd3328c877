/** A table while commands change it. */

import { eager } from '../../lib/lazy.ts';
import { quote } from '../../lib/quote.ts';
import { CHAIN_NAME_FORM, isChainName } from './chain-name.ts';
import { OTHER_TARGETS } from './extension-names.ts';
import { BUILTIN_CHAINS, type Hook, type TableName } from './hook.ts';
import type { Chain, ChainPolicy, Rule, Table } from './ruleset.ts';
import { TARGETS } from './targets/index.ts';

/** Built-in chains have a policy. */
export type EditedChain = { policy: ChainPolicy | undefined; rules: Rule[] };
/** Chains by name. */
export type EditedTable = Map<string, EditedChain>;

const TARGET_NAMES: readonly string[] = [...TARGETS.map((target) => target.name), ...OTHER_TARGETS];

/** The built-in chains alone, all with policy ACCEPT: a table as the kernel makes it. */
export function newTable(name: TableName): EditedTable {
  return new Map(BUILTIN_CHAINS[name].map((hook) => [hook, { policy: 'ACCEPT', rules: [] }]));
}

/** A copy to change; the table itself stays as it is. */
export function editTable(table: Table): EditedTable {
  return new Map(
    [...table.chains.values()].map((chain) => [chain.name, { policy: chain.policy, rules: [...chain.rules()] }]),
  );
}

/** The table as data again, its chains in their order. */
export function finishTable(name: TableName, table: EditedTable): Table {
  const chains = [...table].map(([chain, { policy, rules }]): readonly [string, Chain] => [
    chain,
    { name: chain, ...(policy === undefined ? {} : { policy }), rules: eager([...rules]) },
  ]);
  return { name, chains: sortChains(name, new Map(chains)) };
}

/** Adds an empty chain, or says why not. */
export function addChain(table: EditedTable, chain: string): string | undefined {
  if (!isChainName(chain)) return `${quote(chain)} is not a chain name: ${CHAIN_NAME_FORM}`;
  if (TARGET_NAMES.includes(chain)) return `${quote(chain)} is the name of a target`;
  if (table.has(chain)) return `chain ${chain} exists already`;
  table.set(chain, { policy: undefined, rules: [] });
  return undefined;
}

/** A chain that jumps to this one. */
export function referrer(table: EditedTable, chain: string): string | undefined {
  return [...table].find(([, { rules }]) => rules.some((rule) => rule.target.name === chain))?.[0];
}

/** Built-in chains in the order of their hooks, the others by name, as libiptc keeps them. */
export function sortChains(table: TableName, chains: ReadonlyMap<string, Chain>): ReadonlyMap<string, Chain> {
  const hooks: readonly string[] = BUILTIN_CHAINS[table];
  const place = (name: string): number => (hooks.includes(name) ? hooks.indexOf(name) : hooks.length);
  return new Map([...chains].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0)));
}

/** Whether the chain is one that a hook of the table begins with. */
export function isBuiltin(table: TableName, chain: string): chain is Hook {
  return BUILTIN_CHAINS[table].some((hook) => hook === chain);
}
