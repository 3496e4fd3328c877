/** One statement of a rule: src/parser_bison.y of nftables, stmt. */

import { datatype } from './datatype.ts';
import { parseDuration } from './duration.ts';
import type { AssignTarget, Comparison, Expression, Statement } from './expression.ts';
import { parseConstant, parseVerdict } from './parse-constant.ts';
import { parseExpression, parseSetSource, textBetween, typesOf } from './parse-expression.ts';
import { parseNat } from './parse-nat.ts';
import { parseReject } from './reject.ts';
import type { NftFamily } from './ruleset.ts';
import type { TokenReader } from './token-reader.ts';

/** Throws NftSyntaxError; statements that decide nothing are kept as text. */
export function parseStatement(reader: TokenReader, family: NftFamily): Statement {
  const token = reader.peek();
  if (token?.kind === 'word') {
    switch (token.text) {
      case 'accept':
      case 'drop':
      case 'continue':
      case 'return':
      case 'jump':
      case 'goto':
        return { kind: 'verdict', verdict: parseVerdict(reader) };
      case 'queue':
        return { kind: 'verdict', verdict: { kind: 'queue', text: restOf(reader) } };
      case 'reject':
        reader.at++;
        return parseReject(reader);
      case 'dnat':
      case 'snat':
      case 'masquerade':
      case 'redirect':
        reader.at++;
        return parseNat(reader, token.text, family);
      case 'counter':
        return parseCounter(reader);
      case 'log':
        return parseLog(reader);
      case 'limit':
        return parseLimit(reader);
      case 'notrack':
        reader.at++;
        return { kind: 'notrack' };
      case 'add':
      case 'update':
      case 'delete':
        reader.at++;
        return parseDynset(reader, token.text);
      default:
        break;
    }
  }
  return parseAssignment(reader) ?? parseHarmless(reader) ?? parseComparison(reader);
}

/** Everything to the end of the rule, as written. */
function restOf(reader: TokenReader): string {
  const from = reader.peek()?.from ?? 0;
  while (!reader.atEnd() && !reader.is('comment')) reader.at++;
  return textBetween(reader, from);
}

const TARGETS: readonly (readonly [words: readonly string[], target: AssignTarget])[] = [
  [['mark'], 'meta mark'],
  [['meta', 'mark'], 'meta mark'],
  [['ct', 'mark'], 'ct mark'],
  [['ip', 'ttl'], 'ip ttl'],
  [['ip', 'dscp'], 'ip dscp'],
  [['ip6', 'hoplimit'], 'ip6 hoplimit'],
  [['ip6', 'dscp'], 'ip6 dscp'],
];

function typeOfTarget(target: AssignTarget): 'mark' | 'integer' | 'dscp' {
  if (target === 'meta mark' || target === 'ct mark') return 'mark';
  return target === 'ip dscp' || target === 'ip6 dscp' ? 'dscp' : 'integer';
}

function parseAssignment(reader: TokenReader): Statement | undefined {
  for (const [words, target] of TARGETS) {
    if (!words.every((word, i) => reader.is(word, i)) || !reader.is('set', words.length)) continue;
    reader.at += words.length + 1;
    return { kind: 'assign', target, value: parseValue(reader, typeOfTarget(target)) };
  }
  return undefined;
}

/** An expression, or a constant of the type. */
function parseValue(reader: TokenReader, type: 'mark' | 'integer' | 'dscp'): Expression {
  const text = reader.peek()?.text ?? '';
  if (reader.peek()?.kind === 'word' && datatype(type).parse(text) !== undefined) {
    return { kind: 'constant', values: [parseConstant(reader, type)], types: [type] };
  }
  return parseExpression(reader, [type]);
}

/** Changes to the packet that decide nothing here. `set` stands behind what is changed. */
const HARMLESS: readonly (readonly string[])[] = [
  ['meta', 'nftrace', 'set'],
  ['nftrace', 'set'],
  ['meta', 'priority', 'set'],
  ['meta', 'pkttype', 'set'],
  ['meta', 'secmark', 'set'],
  ['tcp', 'option', 'maxseg', 'size', 'set'],
  ['ct', 'helper', 'set'],
  ['ct', 'label', 'set'],
  ['ct', 'secmark', 'set'],
  ['ct', 'event', 'set'],
  ['ct', 'timeout', 'set'],
  ['flow', 'add'],
  ['flow', 'offload'],
];

function parseHarmless(reader: TokenReader): Statement | undefined {
  const words = HARMLESS.find((all) => all.every((word, i) => reader.is(word, i)));
  if (words === undefined) return undefined;
  const from = reader.peek()?.from ?? 0;
  reader.at += words.length;
  if (reader.take('rt')) reader.expect('mtu');
  else reader.word('a value');
  return { kind: 'harmless', text: textBetween(reader, from) };
}

function parseCounter(reader: TokenReader): Statement {
  reader.expect('counter');
  if (reader.take('name')) return { kind: 'counter', text: `counter name "${reader.word('the name of a counter')}"` };
  if (!reader.take('packets')) return { kind: 'counter', text: 'counter packets 0 bytes 0' };
  const packets = reader.word('a number');
  reader.expect('bytes');
  return { kind: 'counter', text: `counter packets ${packets} bytes ${reader.word('a number')}` };
}

const LOG_OPTIONS = ['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags'] as const;

function parseLog(reader: TokenReader): Statement {
  reader.expect('log');
  const options: string[] = [];
  let prefix = '';
  for (let found = true; found; ) {
    found = false;
    for (const option of LOG_OPTIONS) {
      if (!reader.take(option)) continue;
      found = true;
      if (option === 'prefix') {
        prefix = reader.string('a prefix in quotes');
        options.push(`prefix "${prefix}"`);
      } else if (option === 'flags') options.push(`flags ${readFlagWords(reader)}`);
      else {
        const value = reader.word('a value');
        // `warn` is what a log without a level has; nft does not list it.
        if (option !== 'level' || value !== 'warn') options.push(`${option} ${value}`);
      }
    }
  }
  return { kind: 'log', text: ['log', ...options].join(' '), prefix };
}

/** `all`, `ip options`, `tcp sequence,options`, `skuid`, `ether`. */
function readFlagWords(reader: TokenReader): string {
  let text = reader.word('a flag');
  if (text === 'tcp' || text === 'ip') text += ` ${reader.word('options')}`;
  while (reader.take(',')) text += `,${reader.word('a flag')}`;
  return text;
}

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
  ['week', 604_800],
]);

const BYTES: ReadonlyMap<string, number> = new Map([
  ['bytes', 1],
  ['kbytes', 1024],
  ['mbytes', 1024 * 1024],
]);

function parseLimit(reader: TokenReader): Statement {
  const from = reader.peek()?.from ?? 0;
  reader.expect('limit');
  if (reader.take('name')) throw reader.wrong('limit rate');
  reader.expect('rate');
  const over = reader.take('over');
  const first = reader.word('a rate such as 5/second');
  const bytes = BYTES.get(first) === undefined ? readUnit(reader) : undefined;
  const text = bytes === undefined ? first : `${first}/${bytes.per}`;
  const [amount = '', unit = ''] = text.split('/');
  const perSeconds = SECONDS.get(unit);
  if (!/^\d{1,12}$/.test(amount) || perSeconds === undefined) throw reader.wrong('a rate such as 5/second');
  const factor = bytes === undefined ? 1 : bytes.factor;
  // limit_rate_pkts: 5 packets at once, unless it is said.
  let burst = bytes === undefined ? 5 : 0;
  if (reader.take('burst')) {
    burst = Number(reader.word('a number'));
    const unitOfBurst = reader.word('packets or bytes');
    burst *= BYTES.get(unitOfBurst) ?? 1;
  }
  const written = textBetween(reader, from);
  const listed = bytes === undefined ? written.replace(/ burst 5 packets$/, '') : written;
  return {
    kind: 'limit',
    text: listed,
    over,
    rate: Number(amount) * factor,
    perSeconds,
    burst,
    bytes: bytes !== undefined,
  };
}

/** `mbytes/second` behind a number. */
function readUnit(reader: TokenReader): { readonly factor: number; readonly per: string } | undefined {
  const [unit = '', per = ''] = (reader.peek()?.text ?? '').split('/');
  const factor = BYTES.get(unit);
  if (factor === undefined) return undefined;
  reader.at++;
  return { factor, per };
}

function parseDynset(reader: TokenReader, operation: 'add' | 'update' | 'delete'): Statement {
  const name = reader.word('@ and the name of a set');
  if (!name.startsWith('@')) throw reader.wrong('@ and the name of a set');
  reader.expect('{');
  const key = parseExpression(reader);
  let timeout: number | undefined;
  if (reader.take('timeout')) timeout = parseDuration(reader.word('a time'));
  const from = reader.peek()?.from ?? 0;
  const before = reader.at;
  while (!reader.atEnd() && !reader.is(':')) reader.at++;
  const text = reader.at === before ? '' : textBetween(reader, from);
  const data = reader.take(':') ? parseDynsetData(reader) : undefined;
  reader.expect('}');
  return {
    kind: 'dynset',
    operation,
    set: name.slice(1),
    key,
    ...(timeout === undefined ? {} : { timeout }),
    ...(data === undefined ? {} : { data }),
    ...(text === '' ? {} : { text }),
  };
}

function parseDynsetData(reader: TokenReader): Expression {
  const text = reader.peek()?.text ?? '';
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text))
    return { kind: 'constant', values: [parseConstant(reader, 'mark')], types: ['mark'] };
  return parseExpression(reader);
}

const SIGNS: ReadonlyMap<string, Comparison['operator']> = new Map([
  ['==', '=='],
  ['eq', '=='],
  ['!=', '!='],
  ['ne', '!='],
  ['<', '<'],
  ['lt', '<'],
  ['>', '>'],
  ['gt', '>'],
  ['<=', '<='],
  ['le', '<='],
  ['>=', '>='],
  ['ge', '>='],
  ['!', 'lacks'],
]);

function parseComparison(reader: TokenReader): Statement {
  const left = parseExpression(reader);
  const types = typesOf(left);
  if (reader.take('vmap')) return { kind: 'vmap', key: left, map: parseSetSource(reader, types, 'verdict') };
  const token = reader.peek();
  const sign = token?.kind === 'sign' || token?.kind === 'word' ? SIGNS.get(token.text) : undefined;
  if (sign !== undefined) reader.at++;
  const operator = sign ?? 'implicit';
  const at = reader.peek();
  if (reader.is('{') || (at?.kind === 'word' && /^@[^,]+$/.test(at.text)))
    return { kind: 'comparison', left, operator, right: parseSetSource(reader, types, undefined) };
  const [type, second] = types;
  if (type === undefined || second !== undefined) throw reader.wrong('a set');
  // `fib saddr . iif oif missing` asks whether there is a route at all.
  const word = at?.kind === 'word' ? at.text : '';
  const existence = left.kind === 'fib' && left.result !== 'type' && ['exists', 'missing', '0'].includes(word);
  const value = existence ? existenceOf(reader) : parseConstant(reader, type);
  if (value.kind === 'any') throw reader.wrong('a value');
  if (datatype(type).flags === true && value.kind === 'value' && typeof value.value === 'number' && reader.take('/')) {
    const mask = parseConstant(reader, type);
    if (mask.kind !== 'value' || typeof mask.value !== 'number') throw reader.wrong('flags');
    return { kind: 'comparison', left, operator, right: { kind: 'masked', value: value.value, mask: mask.value } };
  }
  return { kind: 'comparison', left, operator, right: { kind: 'constant', value } };
}

function existenceOf(reader: TokenReader): { readonly kind: 'value'; readonly value: number | string } {
  const word = reader.word('exists or missing');
  return { kind: 'value', value: word === '0' ? 0 : word };
}
