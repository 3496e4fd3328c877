/** The packet's way through one base chain: net/netfilter/nf_tables_core.c nft_do_chain(). */
import { invariant } from '../../lib/assert.ts';
import type { TableVerdict } from '../netfilter/evaluate.ts';
import type { TargetOutcome } from '../netfilter/target.ts';
import type { OriginId } from '../origin.ts';
import type { Skb } from '../walk/skb.ts';
import type { NftHost } from './passage-host.ts';
import { printStatement } from './print-rule.ts';
import type { NftChain, NftRule, NftTable } from './ruleset.ts';
import { runStatement } from './run-statement.ts';

/** More than any rule set that the kernel takes can enter in one base chain with chains of its own depth. */
const MOST_CHAINS = 65_536;

/** The next rule of a chain. `leading` is what led here: a chain that many elements share speaks for the one that named it. */
type Place = { readonly chain: NftChain; index: number; readonly leading: OriginId | undefined };

/** `accept` ends this base chain only; chains at other places of the hook have their say, too. */
export function runChain(table: NftTable, base: NftChain, host: NftHost): TableVerdict {
  const tableName = `${table.family} ${table.name}`;
  const stack: Place[] = [];
  let at: Place | undefined = { chain: base, index: 0, leading: undefined };
  let entered = 1;
  host.enterNft(tableName, base.name);
  while (at !== undefined) {
    const { done, origin } = nextHit(at, stack.length > 0, table, tableName, host);
    switch (done.kind) {
      case 'accept':
      case 'drop':
        return { kind: done.kind };
      case 'reject':
        return done;
      case 'return':
        at = stack.pop();
        break;
      case 'jump':
      case 'goto': {
        const chain = table.chain(done.chain);
        invariant(
          chain !== undefined && ++entered < MOST_CHAINS,
          `table ${tableName}: the way through ${done.chain} was not checked`,
        );
        if (done.kind === 'jump') stack.push(at);
        at = { chain, index: 0, leading: origin };
        host.enterNft(tableName, chain.name);
        break;
      }
    }
  }
  return endOfBase(tableName, base, host);
}

/** The next rule that holds. The end of a chain is a `return`; that of the base chain is told later. */
function nextHit(at: Place, called: boolean, table: NftTable, tableName: string, host: NftHost): Hit {
  const { chain, leading } = at;
  const rules = chain.rules();
  for (;;) {
    const rule = rules[at.index++];
    if (rule === undefined) {
      if (called) tellEnd('return', tableName, chain, RETURN, host);
      return END_OF_CHAIN;
    }
    const before = host.skb;
    const result = runRule(rule, table, host, leading);
    if (result.kind === 'hit') {
      tellHit(tableName, chain, at.index, rule, result, before, host);
      return result;
    }
    host.missNft(tableName, chain.name, at.index, rule, () => printStatement(result.statement));
  }
}

/** Its policy decides, wherever a `goto` led to. */
function endOfBase(table: string, base: NftChain, host: NftHost): TableVerdict {
  const outcome = { kind: base.base?.policy ?? 'accept' } as const;
  tellEnd('policy', table, base, outcome, host);
  return outcome;
}

/** The end of a chain stands behind its last rule. */
function tellEnd(
  event: 'return' | 'policy',
  table: string,
  chain: NftChain,
  outcome: TargetOutcome,
  host: NftHost,
): void {
  host.tellNft({
    event,
    table,
    chain: chain.name,
    number: chain.rules().length + 1,
    rule: undefined,
    outcome,
    done: outcome,
    before: host.skb,
    origin: undefined,
  });
}

function tellHit(
  table: string,
  { name }: NftChain,
  number: number,
  rule: NftRule,
  { outcome, done, origin }: Hit,
  before: Skb,
  host: NftHost,
): void {
  // A rule's `return` is told as the end of its chain (nft_trace_verdict()).
  const event = outcome.kind === 'return' ? 'return' : 'rule';
  host.tellNft({ event, table, chain: name, number, rule, outcome, done, before, origin });
}

type Hit = {
  readonly kind: 'hit';
  readonly outcome: TargetOutcome;
  readonly done: TargetOutcome;
  /** Of the element that decided, else of the rule, else of what led to its chain. */
  readonly origin: OriginId | undefined;
};
type RuleResult = Hit | { readonly kind: 'miss'; readonly statement: NftRule['statements'][number] };

const RETURN: TargetOutcome = { kind: 'return' };
const END_OF_CHAIN: Hit = { kind: 'hit', outcome: RETURN, done: RETURN, origin: undefined };

/** Statement by statement; what was done before one that does not hold stays done. */
function runRule(rule: NftRule, table: NftTable, host: NftHost, leading: OriginId | undefined): RuleResult {
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
        return { kind: 'hit', outcome: result.outcome, done, origin: result.origin ?? rule.origin ?? leading };
      }
      case 'next':
        break;
    }
  }
  return { kind: 'hit', outcome: last, done: { kind: 'continue' }, origin: rule.origin ?? leading };
}
