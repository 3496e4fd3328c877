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

/** What a block has said so far. */
type Draft = {
  readonly kind: 'set' | 'map';
  keyTypes?: readonly DatatypeName[];
  dataTypes?: NftSet['dataTypes'];
  typeOf?: string;
  readonly flags: Set<Flag>;
  readonly elements: NftElement[];
  readonly more: {
    size?: number;
    policy?: 'memory' | 'performance';
    timeout?: number;
    gcInterval?: number;
    autoMerge?: boolean;
    statements?: string;
    comment?: string;
  };
};

/** From the brace on. */
export function parseSetBody(reader: TokenReader, kind: 'set' | 'map', name: string): DraftSet {
  reader.expect('{');
  const draft: Draft = { kind, flags: new Set(), elements: [], more: {} };
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) break;
    if (!takeDeclaration(reader, draft) && !takeProperty(reader, draft.more))
      throw reader.wrong('type, flags, elements or "}"');
  }
  const { keyTypes, typeOf, dataTypes, flags, more, elements } = draft;
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

/** What the set holds: its types, its flags, its elements. false: the line is another. */
function takeDeclaration(reader: TokenReader, draft: Draft): boolean {
  if (reader.take('type')) {
    draft.keyTypes = readTypes(reader);
    draft.dataTypes = readDataTypes(reader, draft.kind, readTypes);
  } else if (reader.take('typeof')) {
    const from = reader.peek()?.from ?? 0;
    draft.keyTypes = typesOf(parseExpression(reader));
    draft.dataTypes = readDataTypes(reader, draft.kind, (at) => typesOf(parseExpression(at)));
    draft.typeOf = textBetween(reader, from);
  } else if (reader.take('flags')) readFlags(reader, draft.flags);
  else if (reader.take('elements')) {
    reader.expect('=');
    if (draft.keyTypes === undefined) throw reader.wrong('the type of the set in front of its elements');
    draft.elements.push(...readSetElements(reader, draft.keyTypes, draft.dataTypes));
  } else return false;
  return true;
}

/** How the set is kept. false: the line is another. */
function takeProperty(reader: TokenReader, more: Draft['more']): boolean {
  if (reader.take('size')) more.size = readNumber(reader);
  else if (reader.take('policy'))
    more.policy = reader.word('memory or performance') === 'memory' ? 'memory' : 'performance';
  else if (reader.take('timeout')) more.timeout = readTime(reader);
  else if (reader.take('gc-interval')) more.gcInterval = readTime(reader);
  else if (reader.take('auto-merge')) more.autoMerge = true;
  else if (reader.take('comment')) more.comment = reader.string('a comment in quotes');
  else if (reader.is('counter') || reader.is('quota') || reader.is('limit')) {
    const from = reader.peek()?.from ?? 0;
    while (!reader.atEnd()) reader.at++;
    more.statements = textBetween(reader, from);
  } else return false;
  return true;
}

/** Of maps: `: verdict`, or types as in front of the colon. */
function readDataTypes(
  reader: TokenReader,
  kind: Draft['kind'],
  read: (reader: TokenReader) => readonly DatatypeName[],
): NftSet['dataTypes'] {
  if (kind === 'set') return undefined;
  reader.expect(':');
  return reader.take('verdict') ? 'verdict' : read(reader);
}

function readFlags(reader: TokenReader, flags: Set<Flag>): void {
  do {
    const flag = FLAGS.find((one) => reader.take(one));
    if (flag === undefined) throw reader.wrong('a flag of sets', FLAGS.join(', '));
    flags.add(flag);
  } while (reader.take(','));
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
