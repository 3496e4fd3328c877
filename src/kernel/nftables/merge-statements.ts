/**
 * What nft does to the statements of a rule between reading and listing: conditions that a later header says again are left
 * out (payload_dependency_kill(), src/payload.c), sets of one become values, masks become flags and prefixes.
 */
import type { Comparison, Constant, Expression, Statement, Value } from './expression.ts';
import type { NftFamily } from './ruleset.ts';
import { findSelector, type Selector } from './selector.ts';

/** The statements as nft would list them. */
export function mergeStatements(statements: readonly Statement[], family: NftFamily): readonly Statement[] {
  const simple = statements.map((statement) => (statement.kind === 'comparison' ? simplify(statement) : statement));
  return withResetCondition(dropImplied(simple, family), family);
}

/** A condition that says which protocol the packet is of, as a later header would. */
type Condition = { readonly kind: 'protocol' | 'family'; readonly value: number; readonly droppable: boolean };

function conditionOf(statement: Statement, family: NftFamily): Condition | undefined {
  if (statement.kind !== 'comparison' || statement.left.kind !== 'selector') return undefined;
  const { operator, right } = statement;
  if (operator !== '==' && operator !== 'implicit') return undefined;
  if (right.kind !== 'constant' || right.value.kind !== 'value' || typeof right.value.value !== 'number')
    return undefined;
  const { value } = right.value;
  switch (statement.left.selector.name) {
    case 'meta l4proto':
      return { kind: 'protocol', value, droppable: true };
    case 'ip protocol':
    case 'ip6 nexthdr':
      // In a table of both families it also says that the packet is of this one.
      return { kind: 'protocol', value, droppable: family === 'ip' || family === 'ip6' };
    case 'meta nfproto':
      return { kind: 'family', value: value === 2 ? 4 : 6, droppable: true };
    default:
      return undefined;
  }
}

/** What is known of the packet by a condition, and where that stands while it may be left out. */
type Said = { readonly value: number; at: number | undefined };

function dropImplied(statements: readonly Statement[], family: NftFamily): readonly Statement[] {
  const kept: (Statement | undefined)[] = [];
  const said: Record<Condition['kind'], Said | undefined> = { protocol: undefined, family: undefined };
  for (const statement of statements) {
    const named = said.protocol === undefined ? statement : nameHeader(statement, said.protocol.value);
    for (const needs of neededBy(named, family)) {
      leaveOut(kept, said.protocol, needs.protocol);
      leaveOut(kept, said.family, needs.family);
    }
    // netlink_delinearize forgets the conditions at everything that is none.
    if (named.kind !== 'comparison')
      for (const one of [said.protocol, said.family]) if (one !== undefined) one.at = undefined;
    const condition = conditionOf(named, family);
    if (condition !== undefined)
      said[condition.kind] = { value: condition.value, at: condition.droppable ? kept.length : undefined };
    kept.push(named);
  }
  return kept.flatMap((statement) => statement ?? []);
}

/** A header that needs what was said says it, too. */
function leaveOut(kept: (Statement | undefined)[], said: Said | undefined, needed: number | undefined): void {
  if (said?.at === undefined || said.value !== needed) return;
  kept[said.at] = undefined;
  said.at = undefined;
}

/** What the headers that a statement reads say of the packet. */
function neededBy(statement: Statement, family: NftFamily): readonly NonNullable<Selector['needs']>[] {
  // Tables of one family do not list the condition in front of a reset.
  if (statement.kind === 'reject') return statement.with === 'tcp reset' && family !== 'inet' ? [{ protocol: 6 }] : [];
  const left = statement.kind === 'comparison' ? statement.left : statement.kind === 'vmap' ? statement.key : undefined;
  const inner = left?.kind === 'bitwise' ? left.left : left;
  const parts = inner?.kind === 'concat' ? inner.parts : inner === undefined ? [] : [inner];
  return parts.flatMap((part) => (part.kind === 'selector' ? (part.selector.needs ?? []) : []));
}

const HEADERS: ReadonlyMap<number, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

/** `th dport` behind `meta l4proto tcp` is listed as `tcp dport`. */
function nameHeader(statement: Statement, protocol: number): Statement {
  const header = HEADERS.get(protocol);
  if (header === undefined) return statement;
  if (statement.kind === 'comparison') return { ...statement, left: renamed(statement.left, header) };
  return statement.kind === 'vmap' ? { ...statement, key: renamed(statement.key, header) } : statement;
}

function renamed(expression: Expression, header: string): Expression {
  if (expression.kind === 'concat')
    return { ...expression, parts: expression.parts.map((part) => renamed(part, header)) };
  if (expression.kind !== 'selector' || !expression.selector.name.startsWith('th ')) return expression;
  const selector = findSelector(expression.selector.name.replace('th', header));
  return selector === undefined ? expression : { kind: 'selector', selector };
}

/** stmt_evaluate_reset(): a reset answers TCP only, and nft says so in front of the rule. */
function withResetCondition(statements: readonly Statement[], family: NftFamily): readonly Statement[] {
  const reset = statements.some((statement) => statement.kind === 'reject' && statement.with === 'tcp reset');
  const tcp = findSelector('meta l4proto');
  if (!reset || tcp === undefined || family !== 'inet') return statements;
  const isTcp = (statement: Statement) =>
    conditionOf(statement, family)?.value === 6 || neededBy(statement, family).some(({ protocol }) => protocol === 6);
  if (statements.some(isTcp)) return statements;
  const condition: Statement = {
    kind: 'comparison',
    left: { kind: 'selector', selector: tcp },
    operator: 'implicit',
    right: { kind: 'constant', value: { kind: 'value', value: 6 } },
  };
  return [condition, ...statements];
}

function simplify(comparison: Comparison): Comparison {
  const { left, operator, right } = comparison;
  if (right.kind === 'anonymous' && right.elements.length === 1) {
    const [element] = right.elements;
    const [value, second] = element?.key ?? [];
    if (value !== undefined && second === undefined && value.kind !== 'any')
      return { ...comparison, right: { kind: 'constant', value } };
  }
  if (left.kind !== 'bitwise' || right.kind !== 'constant' || right.value.kind !== 'value') return comparison;
  return withoutMask(left, operator, right.value.value) ?? comparison;
}

/** A mask and no more, in front of `==` or `!=`. */
function withoutMask(
  left: Extract<Expression, { kind: 'bitwise' }>,
  operator: Comparison['operator'],
  value: Value,
): Comparison | undefined {
  if (left.left.kind !== 'selector' || Number(left.xor) !== 0) return undefined;
  const inner = left.left;
  const equal = operator === '==' || operator === 'implicit';
  if (!equal && operator !== '!=') return undefined;
  const { type } = inner.selector;
  const { mask } = left;
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    const bits = prefixLength(mask, type === 'ipv4_addr' ? 32 : 128);
    if (bits === undefined) return undefined;
    const prefix: Constant = { kind: 'prefix', value, bits };
    return {
      kind: 'comparison',
      left: inner,
      operator: equal ? 'implicit' : '!=',
      right: { kind: 'constant', value: prefix },
    };
  }
  const flags = type === 'tcp_flag' || type === 'ct_state' || type === 'ct_status';
  if (!flags || typeof mask !== 'number' || typeof value !== 'number') return undefined;
  if (value === 0) {
    const right = { kind: 'constant', value: { kind: 'value', value: mask } } as const;
    return { kind: 'comparison', left: inner, operator: equal ? 'lacks' : 'implicit', right };
  }
  if (type !== 'tcp_flag') return undefined;
  return {
    kind: 'comparison',
    left: inner,
    operator: equal ? 'implicit' : '!=',
    right: { kind: 'masked', value, mask },
  };
}

function prefixLength(mask: Value, width: 32 | 128): number | undefined {
  if (typeof mask === 'string') return undefined;
  const bits = BigInt(mask).toString(2).padStart(width, '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
