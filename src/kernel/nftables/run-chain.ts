/** The packet's way through one base chain: net/netfilter/nf_tables_core.c nft_do_chain(). */
import { invariant } from '../../lib/assert.ts';
import type { TableVerdict } from '../netfilter/evaluate.ts';
import type { TargetOutcome } from '../netfilter/target.ts';
import type { OriginId } from '../origin.ts';
import type { NftHost } from './passage-host.ts';
import { printStatement } from './print-rule.ts';
import type { NftChain, NftRule, NftTable } from './ruleset.ts';
import { runStatement } from './run-statement.ts';

/** More than any rule set that the kernel takes can enter in one base chain with chains of its own depth. */
const MOST_CHAINS = 65_536;

type Place = { readonly chain: NftChain; readonly next: number; readonly origin: OriginId | undefined };

/** `accept` ends this base chain only; chains at other places of the hook have their say, too. */
export function runChain(table: NftTable, base: NftChain, host: NftHost): TableVerdict {
  const tableName = `${table.family} ${table.name}`;
  const stack: Place[] = [];
  let chain = base;
  let index = 0;
  let entered = 1;
  // What led here: a chain that many elements share speaks for the one that named it.
  let leading: OriginId | undefined;
  host.enterNft(tableName, chain.name);
  for (;;) {
    const rule = chain.rules()[index];
    const number = index + 1;
    if (rule === undefined) {
      const back = stack.pop();
      if (back === undefined) return endOfBase(tableName, base, host);
      const outcome: TargetOutcome = { kind: 'return' };
      host.tellNft({
        event: 'return',
        table: tableName,
        chain: chain.name,
        number,
        rule,
        outcome,
        done: outcome,
        before: host.skb,
        origin: undefined,
      });
      ({ chain, next: index, origin: leading } = back);
      continue;
    }
    const before = host.skb;
    const result = runRule(rule, table, host);
    if (result.kind === 'miss') {
      host.missNft(tableName, chain.name, number, rule, () => printStatement(result.statement));
      index++;
      continue;
    }
    const { outcome, done } = result;
    const origin = result.origin ?? rule.origin ?? leading;
    // A rule's `return` is told as the end of its chain (nft_trace_verdict()).
    const event = outcome.kind === 'return' ? 'return' : 'rule';
    host.tellNft({ event, table: tableName, chain: chain.name, number, rule, outcome, done, before, origin });
    switch (done.kind) {
      case 'accept':
      case 'drop':
        return { kind: done.kind };
      case 'reject':
        return done;
      case 'return': {
        const back = stack.pop();
        if (back === undefined) return endOfBase(tableName, base, host);
        ({ chain, next: index, origin: leading } = back);
        break;
      }
      case 'jump':
      case 'goto': {
        const target = table.chain(done.chain);
        invariant(
          target !== undefined && ++entered < MOST_CHAINS,
          `table ${tableName}: the way through ${done.chain} was not checked`,
        );
        if (done.kind === 'jump') stack.push({ chain, next: index + 1, origin: leading });
        leading = result.origin ?? rule.origin ?? leading;
        chain = target;
        index = 0;
        host.enterNft(tableName, chain.name);
        break;
      }
      default:
        index++;
    }
  }
}

/** Its policy decides, wherever a `goto` led to. */
function endOfBase(table: string, base: NftChain, host: NftHost): TableVerdict {
  const outcome = { kind: base.base?.policy ?? 'accept' } as const;
  host.tellNft({
    event: 'policy',
    table,
    chain: base.name,
    number: base.rules().length + 1,
    rule: undefined,
    outcome,
    done: outcome,
    before: host.skb,
    origin: undefined,
  });
  return outcome;
}

type RuleResult =
  | { readonly kind: 'miss'; readonly statement: NftRule['statements'][number] }
  | {
      readonly kind: 'hit';
      readonly outcome: TargetOutcome;
      readonly done: TargetOutcome;
      readonly origin: OriginId | undefined;
    };

/** Statement by statement; what was done before one that does not hold stays done. */
function runRule(rule: NftRule, table: NftTable, host: NftHost): RuleResult {
  let last: TargetOutcome = { kind: 'continue' };
  for (const statement of rule.statements) {
    const result = runStatement(statement, table, host);
    switch (result.kind) {
      case 'miss':
        return { kind: 'miss', statement };
      case 'effect':
        last = result.outcome;
        host.carryOut(result.outcome);
        break;
      case 'verdict': {
        const done = host.carryOut(result.outcome);
        if (result.outcome.kind === 'continue') break;
        return { kind: 'hit', outcome: result.outcome, done, origin: result.origin };
      }
      case 'next':
        break;
    }
  }
  return { kind: 'hit', outcome: last, done: { kind: 'continue' }, origin: undefined };
}
