/** What stands on the left of a comparison, behind `set` and behind `to`: src/parser_bison.y of nftables, primary_expr and up. */
import { type DatatypeName, datatype } from './datatype.ts';
import type { Expression, SetSource, Value } from './expression.ts';
import { type DataContext, parseConstant, parseElements } from './parse-constant.ts';
import { findSelector } from './selector.ts';
import type { TokenReader } from './token-reader.ts';

/** The types of the fields that an expression has: one, or of a concatenation several. */
export function typesOf(expression: Expression): readonly DatatypeName[] {
  switch (expression.kind) {
    case 'selector':
      return [expression.selector.type];
    case 'fib':
      return [
        expression.result === 'type' ? 'fib_addrtype' : expression.result === 'oifname' ? 'ifname' : 'iface_index',
      ];
    case 'numgen':
    case 'hash':
      return ['integer'];
    case 'bitwise':
      return typesOf(expression.left);
    case 'concat':
      return expression.parts.flatMap(typesOf);
    case 'map':
      return expression.map.kind === 'anonymous' ? (expression.map.dataTypes ?? []) : [];
    case 'constant':
      return expression.types;
  }
}

/** @param data of a map that may follow: what its elements lead to */
export function parseExpression(reader: TokenReader, data?: DataContext): Expression {
  const first = parseBitwise(reader);
  const parts = [first];
  while (reader.take('.')) parts.push(parseBitwise(reader));
  const key: Expression = parts.length === 1 ? first : { kind: 'concat', parts };
  if (data === undefined || !reader.take('map')) return key;
  return { kind: 'map', key, map: parseSetSource(reader, typesOf(key), data) };
}

/** `@name`, or the set in braces. */
export function parseSetSource(
  reader: TokenReader,
  types: readonly DatatypeName[],
  data: DataContext | undefined,
): SetSource {
  const token = reader.peek();
  if (token?.kind === 'word' && /^@[^,]+$/.test(token.text)) {
    reader.at++;
    return { kind: 'named', name: token.text.slice(1) };
  }
  const elements = parseElements(reader, types, data);
  return { kind: 'anonymous', elements, dataTypes: dataTypesOf(elements, data) };
}

function dataTypesOf(
  elements: ReturnType<typeof parseElements>,
  data: DataContext | undefined,
): readonly DatatypeName[] | undefined {
  if (data === undefined || data === 'verdict') return undefined;
  if (data !== 'destination') return data;
  const first = elements[0]?.data;
  if (first?.kind !== 'values') return ['ipv4_addr'];
  const [address] = first.values;
  const value =
    address?.kind === 'value' || address?.kind === 'prefix'
      ? address.value
      : address?.kind === 'range'
        ? address.first
        : 0;
  const type = typeof value === 'bigint' ? 'ipv6_addr' : 'ipv4_addr';
  return first.values.length === 1 ? [type] : [type, 'inet_service'];
}

const OPERATORS: ReadonlyMap<string, '&' | '|' | '^'> = new Map([
  ['&', '&'],
  ['and', '&'],
  ['|', '|'],
  ['or', '|'],
  ['^', '^'],
  ['xor', '^'],
]);

/** Binds tighter: bison's %left declarations have `&` below `^` below `|`. */
const TIGHTNESS = { '&': 2, '^': 1, '|': 0 } as const;

function parseBitwise(reader: TokenReader): Expression {
  const left = parsePrimary(reader);
  const [type] = typesOf(left);
  if (type === undefined) return left;
  const steps: { operator: '&' | '|' | '^'; operand: Value }[] = [];
  for (;;) {
    const token = reader.peek();
    const operator = token === undefined || token.kind === 'string' ? undefined : OPERATORS.get(token.text);
    if (operator === undefined) break;
    reader.at++;
    const constant = parseConstant(reader, type);
    if (constant.kind !== 'value') throw reader.wrong('a number');
    const before = steps.at(-1);
    if (before !== undefined && TIGHTNESS[operator] > TIGHTNESS[before.operator])
      before.operand = apply(operator, before.operand, constant.value);
    else steps.push({ operator, operand: constant.value });
  }
  return steps.reduce<Expression>(
    (expression, { operator, operand }) => bitwise(expression, operator, operand, type),
    left,
  );
}

function apply(operator: '&' | '|' | '^', a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = operator === '&' ? a & b : operator === '|' ? a | b : a ^ b;
    return result >>> 0;
  }
  if (typeof a === 'bigint' && typeof b === 'bigint')
    return operator === '&' ? a & b : operator === '|' ? a | b : a ^ b;
  return a;
}

/** All bits of the type. */
export function onesOf(type: DatatypeName): Value {
  const { bytes } = datatype(type);
  return bytes > 4 ? (1n << BigInt(8 * bytes)) - 1n : 2 ** (8 * bytes) - 1;
}

/** netlink_gen_bitwise() of nftables: one operator as mask and xor, folded into those before it. */
function bitwise(left: Expression, operator: '&' | '|' | '^', operand: Value, type: DatatypeName): Expression {
  const ones = onesOf(type);
  const zero = apply('^', ones, ones);
  const mask = operator === '&' ? operand : operator === '|' ? apply('^', operand, ones) : ones;
  const xor = operator === '&' ? zero : operand;
  if (left.kind !== 'bitwise') return { kind: 'bitwise', left, mask, xor };
  return {
    kind: 'bitwise',
    left: left.left,
    mask: apply('&', left.mask, mask),
    xor: apply('^', apply('&', left.xor, mask), xor),
  };
}

function parsePrimary(reader: TokenReader): Expression {
  if (reader.take('(')) return reader.inParentheses(() => parseBitwise(reader));
  if (reader.take('fib')) return parseFib(reader);
  if (reader.take('numgen')) return parseNumgen(reader);
  if (reader.is('jhash') || reader.is('symhash')) return parseHash(reader);
  for (let words = 4; words > 0; words--) {
    const name = Array.from({ length: words }, (_, i) => {
      const token = reader.peek(i);
      return token?.kind === 'word' ? token.text : '\n';
    }).join(' ');
    const selector = findSelector(name);
    if (selector !== undefined) {
      reader.at += words;
      return { kind: 'selector', selector };
    }
  }
  throw reader.wrong('something to look at, such as ip saddr, tcp dport, meta mark, ct state, iifname');
}

function parseFib(reader: TokenReader): Expression {
  const keys = new Set<string>();
  do keys.add(reader.word('saddr, daddr, mark, iif or oif'));
  while (reader.take('.'));
  const result = reader.word('type, oif or oifname');
  const address = keys.has('saddr') ? 'saddr' : 'daddr';
  const known = [...keys].every((key) => ['saddr', 'daddr', 'mark', 'iif', 'oif'].includes(key));
  if (!known || keys.has('saddr') === keys.has('daddr') || (keys.has('iif') && keys.has('oif')))
    throw reader.wrong('fib with saddr or daddr, mark, and iif or oif');
  if (result !== 'type' && result !== 'oif' && result !== 'oifname') throw reader.wrong('type, oif or oifname');
  const device = keys.has('iif') ? 'iif' : keys.has('oif') ? 'oif' : undefined;
  return { kind: 'fib', address, mark: keys.has('mark'), device, result };
}

function parseNumber(reader: TokenReader): number {
  const value = datatype('integer').parse(reader.word('a number'));
  if (typeof value === 'number') return value;
  reader.at--;
  throw reader.wrong('a number');
}

function parseNumgen(reader: TokenReader): Expression {
  const mode = reader.word('random or inc');
  if (mode !== 'random' && mode !== 'inc') throw reader.wrong('random or inc');
  reader.expect('mod');
  const modulus = parseNumber(reader);
  const offset = reader.take('offset') ? parseNumber(reader) : 0;
  if (modulus === 0) throw reader.wrong('a modulus above 0');
  return { kind: 'numgen', mode, modulus, offset };
}

function parseHash(reader: TokenReader): Expression {
  const start = reader.peek();
  if (reader.take('jhash')) parseExpression(reader);
  else reader.expect('symhash');
  reader.expect('mod');
  const modulus = parseNumber(reader);
  if (modulus === 0) throw reader.wrong('a modulus above 0');
  if (reader.take('seed')) parseNumber(reader);
  const text = textBetween(reader, start?.from ?? 0);
  const offset = reader.take('offset') ? parseNumber(reader) : 0;
  return { kind: 'hash', text, modulus, offset };
}

/** What was written from there to the last word read, in one line with single blanks. */
export function textBetween(reader: TokenReader, from: number): string {
  const last = reader.peek(-1);
  return reader.text
    .slice(from, last?.to ?? from)
    .replace(/\s+/g, ' ')
    .trim();
}
