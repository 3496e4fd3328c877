/** What the kernel refuses when a table is loaded: net/netfilter/nf_tables_api.c. */
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { type Issue, issue } from '../../lib/result.ts';
import type { Expression, SetSource, Statement, Verdict } from './expression.ts';
import type { NftChain, NftRuleset, NftTable } from './ruleset.ts';

/** Chains and sets that are named and not there; translation where no nat chain can be. */
export function checkNftables(ruleset: NftRuleset): readonly Issue[] {
  return ruleset.flatMap((table) => [
    ...table.chains().flatMap((chain) => [...checkBase(table, chain), ...checkChain(table, chain)]),
    ...checkLoops(table),
  ]);
}

/** nft_chain_validate_hooks(): which types may stand at which hooks. */
function checkBase(table: NftTable, { name, base }: NftChain): readonly Issue[] {
  if (base === undefined) return [];
  if (base.type === 'nat' && (base.hook === 'FORWARD' || base.hook === 'ingress' || base.hook === 'egress'))
    return [
      refused(
        `chain ${plain(name)} of table ${table.family} ${plain(table.name)}: type nat is not possible at hook ${base.hook.toLowerCase()}`,
      ),
    ];
  if (base.type === 'nat' && base.priority <= -200)
    return [
      refused(
        `chain ${plain(name)} of table ${table.family} ${plain(table.name)}: type nat needs a priority above -200`,
      ),
    ];
  if (base.type === 'route' && base.hook !== 'OUTPUT')
    return [
      refused(
        `chain ${plain(name)} of table ${table.family} ${plain(table.name)}: type route is possible at hook output only`,
      ),
    ];
  return [];
}

function checkChain(table: NftTable, chain: NftChain): readonly Issue[] {
  return chain
    .rules()
    .flatMap(({ statements }) =>
      statements.flatMap((statement) => [
        ...verdictsOf(statement).flatMap((verdict) => checkVerdict(table, chain, verdict)),
        ...namesOf(statement).flatMap((name) => checkSet(table, chain, name)),
      ]),
    );
}

/** NFT_JUMP_STACK_SIZE: how deep jumps may go. */
const DEEPEST = 16;

/**
 * nf_tables_check_loops(), nft_table_validate(): no chain leads back to itself, and none is too deep. Verdict maps count
 * as if each of their elements were a rule.
 */
function checkLoops(table: NftTable): readonly Issue[] {
  const targets = new Map(table.chains().map((chain) => [chain.name, targetsOf(table, chain)]));
  const depths = new Map<string, number>();
  const issues: Issue[] = [];
  const where = `table ${table.family} ${plain(table.name)}`;
  for (const start of targets.keys()) {
    const looping = measureDepth(start, targets, depths);
    if (looping !== undefined) return [refused(`${where}: chain ${plain(looping)} leads back to itself`)];
    if ((depths.get(start) ?? 0) >= DEEPEST && table.chain(start)?.base !== undefined)
      issues.push(refused(`${where}: from chain ${plain(start)} jumps go deeper than ${DEEPEST}`));
  }
  return issues;
}

/**
 * Notes in `depths` how deep jumps go from `start` on, and from all that it leads to; a chain that leads back to itself is
 * returned. Without recursion: a chain of chains may be as long as the text.
 */
function measureDepth(
  start: string,
  targets: ReadonlyMap<string, readonly string[]>,
  depths: Map<string, number>,
): string | undefined {
  const path: { readonly name: string; next: number; depth: number }[] = [{ name: start, next: 0, depth: 0 }];
  const open = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const target = depths.has(top.name) ? undefined : targets.get(top.name)?.[top.next++];
    if (target === undefined) {
      const depth = depths.get(top.name) ?? top.depth;
      depths.set(top.name, depth);
      open.delete(top.name);
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) above.depth = Math.max(above.depth, depth + 1);
    } else if (open.has(target)) return target;
    else if (targets.has(target)) {
      open.add(target);
      path.push({ name: target, next: 0, depth: 0 });
    }
  }
  return undefined;
}

function targetsOf(table: NftTable, chain: NftChain): readonly string[] {
  const named = (statement: Statement): readonly Verdict[] => {
    if (statement.kind !== 'vmap' || statement.map.kind !== 'named') return [];
    const elements = table.set(statement.map.name)?.elements() ?? [];
    return elements.flatMap(({ data }) => {
      const found = data?.();
      return found?.kind === 'verdict' ? [found.verdict] : [];
    });
  };
  const verdicts = chain
    .rules()
    .flatMap(({ statements }) => statements.flatMap((s) => [...verdictsOf(s), ...named(s)]));
  return [...new Set(verdicts.flatMap((v) => (v.kind === 'jump' || v.kind === 'goto' ? [v.chain] : [])))];
}

function refused(message: string, hint?: string): Issue {
  return issue('nftables-refused', message, hint === undefined ? {} : { hint });
}

function checkVerdict(table: NftTable, chain: NftChain, verdict: Verdict): readonly Issue[] {
  if (verdict.kind !== 'jump' && verdict.kind !== 'goto') return [];
  const target = table.chain(verdict.chain);
  const where = `chain ${plain(chain.name)} of table ${table.family} ${plain(table.name)}`;
  if (target === undefined) {
    const near = nearest(
      verdict.chain,
      table.chains().map(({ name }) => name),
    );
    return [
      refused(
        `${where}: no chain ${plain(verdict.chain)} to ${verdict.kind} to`,
        near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined,
      ),
    ];
  }
  return target.base === undefined
    ? []
    : [refused(`${where}: ${plain(verdict.chain)} is a base chain, which no rule may ${verdict.kind} to`)];
}

function checkSet(table: NftTable, chain: NftChain, name: string): readonly Issue[] {
  if (table.set(name) !== undefined) return [];
  const near = nearest(
    name,
    table.sets().map((set) => set.name),
  );
  const hint = near.length > 0 ? `did you mean @${near.join(', @')}?` : undefined;
  return [
    refused(
      `chain ${plain(chain.name)} of table ${table.family} ${plain(table.name)}: there is no set @${plain(name)}`,
      hint,
    ),
  ];
}

function verdictsOf(statement: Statement): readonly Verdict[] {
  if (statement.kind === 'verdict') return [statement.verdict];
  if (statement.kind !== 'vmap' || statement.map.kind !== 'anonymous') return [];
  return statement.map.elements.flatMap(({ data }) => (data?.kind === 'verdict' ? [data.verdict] : []));
}

/** Sets that the statement names. */
function namesOf(statement: Statement): readonly string[] {
  const source = (set: SetSource): readonly string[] => (set.kind === 'named' ? [set.name] : []);
  const inside = (expression: Expression | undefined): readonly string[] =>
    expression?.kind === 'map' ? [...source(expression.map), ...inside(expression.key)] : [];
  switch (statement.kind) {
    case 'comparison':
      return statement.right.kind === 'named' ? [statement.right.name] : [];
    case 'vmap':
      return source(statement.map);
    case 'dynset':
      return [statement.set];
    case 'nat':
      return [...inside(statement.address), ...inside(statement.port)];
    case 'assign':
      return inside(statement.value);
    default:
      return [];
  }
}
