/** Rules as `nft list ruleset` prints them (nft 1.0.6). */
import { assertNever } from '../../lib/assert.ts';
import { type DatatypeName, datatype } from './datatype.ts';
import { printDuration } from './duration.ts';
import type { Comparison, Expression, NatStatement, SetSource, Statement, Value } from './expression.ts';
import { onesOf, typesOf } from './parse-expression.ts';
import { printAnonymousSet, printConstant, printKey, printVerdict } from './print-constant.ts';
import type { NftRule } from './ruleset.ts';

/** Rules of iptables have matches and a target. */
export function isNftRule(rule: object): rule is NftRule {
  return 'statements' in rule;
}

/** On one line, a comment last. */
export function printRule(rule: NftRule): string {
  const statements = rule.statements.map(printStatement).join(' ');
  return rule.comment === undefined ? statements : `${statements} comment "${rule.comment}"`;
}

/** What decides nothing is printed as it was read. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'comparison':
      return printComparison(statement);
    case 'vmap':
      return `${printExpression(statement.key)} vmap ${printSource(statement.map, typesOf(statement.key))}`;
    case 'verdict':
      return printVerdict(statement.verdict);
    case 'reject':
      return statement.with === undefined ? 'reject' : `reject with ${statement.with}`;
    case 'nat':
      return printNat(statement);
    case 'assign':
      return `${statement.target} set ${printExpression(statement.value)}`;
    case 'notrack':
      return 'notrack';
    case 'dynset': {
      const { operation, set, key, timeout, data, text } = statement;
      const parts = [
        printExpression(key),
        ...(timeout === undefined ? [] : [`timeout ${printDuration(timeout)}`]),
        ...(text === undefined ? [] : [text]),
        ...(data === undefined ? [] : [`: ${printExpression(data)}`]),
      ];
      return `${operation} @${set} { ${parts.join(' ')} }`;
    }
    case 'counter':
    case 'log':
    case 'limit':
    case 'harmless':
    case 'unknown':
      return statement.text;
    default:
      return assertNever(statement);
  }
}

function printComparison({ left, operator, right }: Comparison): string {
  const sign =
    operator === 'lacks'
      ? ' !'
      : operator === 'implicit' || (operator === '==' && !showsEqual(left, right))
        ? ''
        : ` ${operator}`;
  return `${printExpression(left)}${sign} ${printWhole(left, operator, right)}`;
}

/** Several flags that are to be equal, or not to be: one value, which nft does not list as one of them. */
function printWhole(left: Expression, operator: Comparison['operator'], right: Comparison['right']): string {
  const [type] = typesOf(left);
  const value = right.kind === 'constant' && right.value.kind === 'value' ? right.value.value : undefined;
  const text = printRight(left, right);
  const exact = operator === '==' || operator === '!=';
  if (!exact || left.kind === 'bitwise' || typeof value !== 'number' || !text.includes(',')) return text;
  return type === 'tcp_flag' ? `0x${value.toString(16)}` : text.replaceAll(',', ' | ');
}

/** must_print_eq_op(), src/expression.c: equality is silent, but for flags and behind masks. */
function showsEqual(left: Expression, right: Comparison['right']): boolean {
  const [type] = typesOf(left);
  const flags = type !== undefined && datatype(type).flags === true;
  return left.kind === 'bitwise' || (flags && right.kind === 'constant' && right.value.kind === 'value');
}

function printRight(left: Expression, right: Comparison['right']): string {
  const types = typesOf(left);
  const [type = 'integer'] = types;
  switch (right.kind) {
    case 'constant': {
      const { value } = right;
      // `fib saddr oif missing`
      if (
        left.kind === 'fib' &&
        left.result !== 'type' &&
        value.kind === 'value' &&
        (value.value === 0 || value.value === 'missing' || value.value === 'exists')
      )
        return String(value.value);
      return printConstant(value, type);
    }
    case 'masked':
      return `${datatype(type).print(right.value)} / ${datatype(type).print(right.mask)}`;
    case 'named':
    case 'anonymous':
      return printSource(right, types);
  }
}

function printSource(source: SetSource, types: readonly DatatypeName[]): string {
  return source.kind === 'named'
    ? `@${source.name}`
    : printAnonymousSet(source.elements, types, source.dataTypes ?? []);
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'selector':
      return expression.selector.name;
    case 'fib': {
      const { address, mark, device, result } = expression;
      const keys = [address, ...(mark ? ['mark'] : []), ...(device === undefined ? [] : [device])];
      return `fib ${keys.join(' . ')} ${result}`;
    }
    case 'numgen':
      return `numgen ${expression.mode} mod ${expression.modulus}${printOffset(expression.offset)}`;
    case 'hash':
      return `${expression.text}${printOffset(expression.offset)}`;
    case 'bitwise':
      return printBitwise(expression);
    case 'concat':
      return expression.parts.map(printExpression).join(' . ');
    case 'map':
      return `${printExpression(expression.key)} map ${printSource(expression.map, typesOf(expression.key))}`;
    case 'constant':
      return printKey(expression.values, expression.types);
  }
}

function printOffset(offset: number): string {
  return offset === 0 ? '' : ` offset ${offset}`;
}

/** netlink_parse_bitwise_bool(): what the kernel holds as mask and xor is listed as `&`, `^` and `|`. */
function printBitwise({ left, mask, xor }: Extract<Expression, { kind: 'bitwise' }>): string {
  const [type = 'integer'] = typesOf(left);
  const ones = BigInt(onesOf(type));
  const [m, x] = [toBigInt(mask), toBigInt(xor)];
  const or = x & (ones ^ m);
  const and = m | or;
  const flip = x & m;
  const big = typeof mask === 'bigint';
  const print = (value: bigint) => datatype(type).print(big ? value : Number(value));
  return [
    printExpression(left),
    ...(and === ones ? [] : [`& ${print(and)}`]),
    ...(flip === 0n ? [] : [`^ ${print(flip)}`]),
    ...(or === 0n ? [] : [`| ${print(or)}`]),
  ].join(' ');
}

function toBigInt(value: Value): bigint {
  return typeof value === 'string' ? 0n : BigInt(value);
}

/** nat_stmt_print() */
function printNat({ nat, family, address, port, prefix, flags }: NatStatement): string {
  const words: string[] = [nat];
  if (family !== undefined) words.push(family);
  if (prefix === true) words.push('prefix');
  const target = printTarget(address, port);
  if (target !== '') words.push('to', target);
  if (flags.length > 0) words.push(flags.join(','));
  return words.join(' ');
}

function printTarget(address: Expression | undefined, port: Expression | undefined): string {
  const ports = port === undefined ? '' : `:${printExpression(port)}`;
  if (address === undefined) return ports;
  const text = printExpression(address);
  const bracketed = ports !== '' && address.kind === 'constant' && address.types[0] === 'ipv6_addr';
  return `${bracketed ? `[${text}]` : text}${ports}`;
}
