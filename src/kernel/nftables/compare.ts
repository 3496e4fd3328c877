/** Whether a condition of a rule holds: net/netfilter/nft_cmp.c, nft_range.c, nft_lookup.c. */
import { compareByChance, isChance } from './chance.ts';
import { boundsOf, matchesConstant } from './constant.ts';
import { datatype } from './datatype.ts';
import type { Comparison, Constant, Value } from './expression.ts';
import { findElement } from './find-element.ts';
import { typesOf } from './parse-expression.ts';
import type { NftHost } from './passage-host.ts';
import { printStatement } from './print-rule.ts';
import { readExpression } from './read-expression.ts';
import type { NftTable } from './ruleset.ts';

/** false is NFT_BREAK: also where the packet has no such header. */
export function compare(comparison: Comparison, table: NftTable, host: NftHost): boolean {
  const { left, operator, right } = comparison;
  if (isChance(left)) return compareByChance(comparison, left, table, host);
  const values = readExpression(left, table, host);
  if (values === undefined) return false;
  const [value] = values;
  if (value === undefined) return false;
  switch (right.kind) {
    case 'named':
    case 'anonymous': {
      const found = findElement(right, values, typesOf(left), table, host.env()) !== undefined;
      return found === (operator !== '!=');
    }
    case 'masked': {
      if (typeof value !== 'number') return false;
      return ((value & right.mask) === right.value) === (operator !== '!=');
    }
    case 'constant': {
      if (left.kind === 'fib' && left.result !== 'type') return compareRoute(comparison, value, right.value, host);
      const [type = 'integer'] = typesOf(left);
      return holds(value, operator, right.value, datatype(type).flags === true);
    }
  }
}

function holds(value: Value, operator: Comparison['operator'], constant: Constant, flags: boolean): boolean {
  switch (operator) {
    case '==':
      return matchesConstant(value, constant);
    case '!=':
      return !matchesConstant(value, constant);
    case 'implicit':
      // OP_IMPLICIT of flags is OP_FLAGCMP: one of them is set.
      return flags ? bits(value, constant) !== 0 : matchesConstant(value, constant);
    case 'lacks':
      return flags ? bits(value, constant) === 0 : !matchesConstant(value, constant);
    default: {
      const bounds = boundsOf(constant);
      if (bounds === undefined || typeof bounds.first !== typeof value) return false;
      const { first } = bounds;
      if (operator === '<') return value < first;
      if (operator === '<=') return value <= first;
      return operator === '>' ? value > first : value >= first;
    }
  }
}

function bits(value: Value, constant: Constant): number {
  return typeof value === 'number' && constant.kind === 'value' && typeof constant.value === 'number'
    ? value & constant.value
    : 0;
}

/** `fib saddr . iif oif missing`: whether there is a route. Which device it leaves by is not modelled. */
function compareRoute(comparison: Comparison, value: Value, constant: Constant, host: NftHost): boolean {
  const asked = constant.kind === 'value' ? constant.value : undefined;
  const known = asked === 0 || asked === 'missing' || asked === 'exists';
  if (!known || value === 'unknown')
    return host.env().chance({ kind: 'unknown', what: `nftables: ${printStatement(comparison)}` });
  return (value === (asked === 'exists' ? 'exists' : 'missing')) === (comparison.operator !== '!=');
}
