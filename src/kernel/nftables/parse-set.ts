/** `set name { … }` and `map name { … }`. */
import { eager } from '../../lib/lazy.ts';
import { type DatatypeName, findDatatype } from './datatype.ts';
import type { DraftSet } from './draft-table.ts';
import { parseDuration } from './duration.ts';
import { parseKey, parseMapData } from './parse-constant.ts';
import { parseExpression, textBetween, typesOf } from './parse-expression.ts';
import type { NftElement, NftSet } from './ruleset.ts';
import type { TokenReader } from './token-reader.ts';

type Flag = NftSet['flags'][number];
const FLAGS: readonly Flag[] = ['constant', 'interval', 'timeout', 'dynamic'];

/** From the brace on. */
export function parseSetBody(reader: TokenReader, kind: 'set' | 'map', name: string): DraftSet {
  reader.expect('{');
  let keyTypes: readonly DatatypeName[] | undefined;
  let dataTypes: NftSet['dataTypes'];
  let typeOf: string | undefined;
  const flags = new Set<Flag>();
  const elements: NftElement[] = [];
  const more: {
    size?: number;
    policy?: 'memory' | 'performance';
    timeout?: number;
    gcInterval?: number;
    autoMerge?: boolean;
    statements?: string;
    comment?: string;
  } = {};
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) break;
    if (reader.take('type')) {
      keyTypes = readTypes(reader);
      if (kind === 'map') {
        reader.expect(':');
        dataTypes = reader.take('verdict') ? 'verdict' : readTypes(reader);
      }
    } else if (reader.take('typeof')) {
      const from = reader.peek()?.from ?? 0;
      keyTypes = typesOf(parseExpression(reader));
      if (kind === 'map') {
        reader.expect(':');
        dataTypes = reader.take('verdict') ? 'verdict' : typesOf(parseExpression(reader));
      }
      typeOf = textBetween(reader, from);
    } else if (reader.take('flags')) {
      do {
        const flag = FLAGS.find((one) => reader.take(one));
        if (flag === undefined) throw reader.wrong('a flag of sets', FLAGS.join(', '));
        flags.add(flag);
      } while (reader.take(','));
    } else if (reader.take('size')) more.size = readNumber(reader);
    else if (reader.take('policy'))
      more.policy = reader.word('memory or performance') === 'memory' ? 'memory' : 'performance';
    else if (reader.take('timeout')) more.timeout = readTime(reader);
    else if (reader.take('gc-interval')) more.gcInterval = readTime(reader);
    else if (reader.take('auto-merge')) more.autoMerge = true;
    else if (reader.take('comment')) more.comment = reader.string('a comment in quotes');
    else if (reader.take('elements')) {
      reader.expect('=');
      if (keyTypes === undefined) throw reader.wrong('the type of the set in front of its elements');
      elements.push(...readSetElements(reader, keyTypes, dataTypes));
    } else if (reader.is('counter') || reader.is('quota') || reader.is('limit')) {
      const from = reader.peek()?.from ?? 0;
      while (!reader.atEnd()) reader.at++;
      more.statements = textBetween(reader, from);
    } else throw reader.wrong('type, flags, elements or "}"');
  }
  if (keyTypes === undefined) throw reader.wrong('the type of the set');
  return {
    name,
    kind,
    keyTypes,
    ...(typeOf === undefined ? {} : { typeOf }),
    ...(dataTypes === undefined ? {} : { dataTypes }),
    flags: FLAGS.filter((flag) => flags.has(flag)),
    ...more,
    elements,
  };
}

function readTypes(reader: TokenReader): readonly DatatypeName[] {
  const types: DatatypeName[] = [];
  do {
    const type = findDatatype(reader.word('a type'));
    if (type === undefined) {
      reader.at--;
      throw reader.wrong(
        'a type that nettrace knows',
        'ipv4_addr, ipv6_addr, inet_proto, inet_service, mark, ifname …',
      );
    }
    types.push(type.name);
  } while (reader.take('.'));
  return types;
}

function readNumber(reader: TokenReader): number {
  const text = reader.word('a number');
  if (/^\d{1,10}$/.test(text)) return Number(text);
  reader.at--;
  throw reader.wrong('a number');
}

function readTime(reader: TokenReader): number {
  const time = parseDuration(reader.word('a time such as 3h'));
  if (time !== undefined) return time;
  reader.at--;
  throw reader.wrong('a time such as 3h');
}

/** `{ 10.0.0.1 . tcp . 80 comment "x" : drop, … }` */
export function readSetElements(
  reader: TokenReader,
  keyTypes: readonly DatatypeName[],
  dataTypes: NftSet['dataTypes'],
): readonly NftElement[] {
  reader.expect('{');
  const elements: NftElement[] = [];
  for (;;) {
    reader.skipLines();
    if (reader.take('}')) return elements;
    if (reader.is('{')) {
      for (const element of readSetElements(reader, keyTypes, dataTypes)) elements.push(element);
      reader.skipLines();
      reader.take(',');
      continue;
    }
    elements.push(readElement(reader, keyTypes, dataTypes));
    reader.skipLines();
    if (!reader.take(',') && !reader.is('}')) throw reader.wrong('"," or "}"');
  }
}

function readElement(
  reader: TokenReader,
  keyTypes: readonly DatatypeName[],
  dataTypes: NftSet['dataTypes'],
): NftElement {
  const key = parseKey(reader, keyTypes);
  let comment: string | undefined;
  let timeout: number | undefined;
  let expires: number | undefined;
  let text = '';
  for (;;) {
    reader.skipLines();
    if (reader.take('comment')) comment = reader.string('a comment in quotes');
    else if (reader.take('timeout')) timeout = readTime(reader);
    else if (reader.take('expires')) expires = readTime(reader);
    else if (reader.is('counter') || reader.is('limit') || reader.is('quota')) {
      const from = reader.peek()?.from ?? 0;
      reader.at++;
      while (!reader.atEnd() && !reader.is(',') && !reader.is(':') && !reader.is('comment')) reader.at++;
      text = textBetween(reader, from);
    } else break;
  }
  let data: NftElement['data'];
  if (dataTypes !== undefined) {
    reader.expect(':');
    reader.skipLines();
    data = eager(parseMapData(reader, dataTypes));
  }
  return {
    key,
    ...(comment === undefined ? {} : { comment }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(expires === undefined ? {} : { expires }),
    ...(text === '' ? {} : { text }),
    ...(data === undefined ? {} : { data }),
  };
}
