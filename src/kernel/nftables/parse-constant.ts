/** Values, ranges and prefixes of a type; elements of sets; verdicts. */
import { hostPrefix, network, parsePrefix } from '../../net/prefix.ts';
import { type DatatypeName, datatype } from './datatype.ts';
import type { AnonymousElement, Constant, MapData, Verdict } from './expression.ts';
import type { TokenReader } from './token-reader.ts';

/** What the elements of a map lead to: `destination` is an address of either family, or an address and a port. */
export type DataContext = readonly DatatypeName[] | 'verdict' | 'destination';

/** One value of the type. Flags may be many: `established,related`, `(fin|syn)`; inside a set a comma parts its elements. */
export function parseConstant(reader: TokenReader, type: DatatypeName, inSet = false): Constant {
  const { flags } = datatype(type);
  if (flags === true && !reader.is('*')) return { kind: 'value', value: parseFlags(reader, type, inSet) };
  const token = reader.peek();
  const text = reader.word(`a value of type ${type}`);
  if (text === '*' && token?.kind === 'word') return { kind: 'any' };
  const constant = constantOf(text, type);
  if (constant !== undefined) return constant;
  reader.at--;
  throw reader.wrong(`a value of type ${type}`);
}

function parseFlags(reader: TokenReader, type: DatatypeName, inSet: boolean): number {
  if (reader.take('(')) return reader.inParentheses(() => parseFlags(reader, type, false));
  let all = 0;
  do {
    const value = datatype(type).parse(reader.word(`a value of type ${type}`));
    if (typeof value !== 'number') {
      reader.at--;
      throw reader.wrong(`a value of type ${type}`);
    }
    all |= value;
  } while ((!inSet && reader.take(',')) || reader.take('|'));
  return all >>> 0;
}

function constantOf(text: string, type: DatatypeName): Constant | undefined {
  const { parse } = datatype(type);
  if (type === 'ifname' && text.endsWith('*') && !text.endsWith('\\*'))
    return { kind: 'wildcard', start: text.slice(0, -1) };
  const value = parse(text);
  if (value !== undefined) return { kind: 'value', value };
  if (text.includes('/')) return prefixOf(text, type);
  for (let dash = text.indexOf('-'); dash > 0; dash = text.indexOf('-', dash + 1)) {
    const first = parse(text.slice(0, dash));
    const last = parse(text.slice(dash + 1));
    if (first !== undefined && last !== undefined && first <= last)
      return first === last ? { kind: 'value', value: first } : { kind: 'range', first, last };
  }
  return undefined;
}

function prefixOf(text: string, type: DatatypeName): Constant | undefined {
  if (type !== 'ipv4_addr' && type !== 'ipv6_addr') return undefined;
  const prefix = parsePrefix(text);
  if (prefix === undefined || (typeof prefix.addr === 'number') !== (type === 'ipv4_addr')) return undefined;
  const { addr, bits } = network(prefix);
  return bits === hostPrefix(addr).bits ? { kind: 'value', value: addr } : { kind: 'prefix', value: addr, bits };
}

/** The fields of a key, one of each type, with dots between. */
export function parseKey(reader: TokenReader, types: readonly DatatypeName[]): readonly Constant[] {
  const key: Constant[] = [];
  for (const [index, type] of types.entries()) {
    if (index > 0) {
      reader.expect('.');
      reader.skipLines();
    }
    const constant = parseConstant(reader, type, true);
    key.push(constant);
    if (constant.kind === 'any' && index === 0 && !reader.is('.')) return types.map(() => constant);
  }
  return key;
}

/** What stands behind the colon of an element: a verdict, or values of the types. Throws NftSyntaxError. */
export function parseMapData(reader: TokenReader, context: DataContext): MapData {
  if (context === 'verdict') return { kind: 'verdict', verdict: parseVerdict(reader) };
  if (context !== 'destination') return { kind: 'values', values: parseKey(reader, context) };
  const token = reader.peek();
  const type: DatatypeName = token?.text.includes(':') === true ? 'ipv6_addr' : 'ipv4_addr';
  const address = parseConstant(reader, type);
  if (!reader.take('.')) return { kind: 'values', values: [address] };
  return { kind: 'values', values: [address, parseConstant(reader, 'inet_service')] };
}

/** `{ 10.0.0.1 . 80, 10.0.0.2 . 80 }`, with ` : data` behind each key where the set is a map. */
export function parseElements(
  reader: TokenReader,
  keyTypes: readonly DatatypeName[],
  data: DataContext | undefined,
): readonly AnonymousElement[] {
  reader.expect('{');
  const elements: AnonymousElement[] = [];
  for (;;) {
    reader.skipLines();
    if (reader.take('}')) return elements;
    // A variable that stands for a set: its elements are those of the set around it.
    if (reader.is('{')) {
      for (const element of parseElements(reader, keyTypes, data)) elements.push(element);
      reader.skipLines();
      reader.take(',');
      continue;
    }
    const key = parseKey(reader, keyTypes);
    reader.skipLines();
    if (data === undefined) elements.push({ key });
    else {
      reader.expect(':');
      reader.skipLines();
      elements.push({ key, data: parseMapData(reader, data) });
    }
    reader.skipLines();
    if (!reader.take(',') && !reader.is('}')) throw reader.wrong('"," or "}"');
  }
}

/** `queue` is read elsewhere: it takes the rest of the rule. */
export function parseVerdict(reader: TokenReader): Verdict {
  for (const kind of ['accept', 'drop', 'continue', 'return'] as const) if (reader.take(kind)) return { kind };
  for (const kind of ['jump', 'goto'] as const)
    if (reader.take(kind)) return { kind, chain: reader.word('the name of a chain') };
  throw reader.wrong('a verdict', 'accept, drop, continue, return, jump CHAIN, goto CHAIN');
}
