/** Text of `nft list ruleset`, or of a file for `nft -f` → tables. */
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { fail, type Issue, issue, ok, type Result } from '../../lib/result.ts';
import type { OriginAt } from '../origin.ts';
import { parseBaseChain } from './base-chain.ts';
import { checkNftables } from './check-ruleset.ts';
import { type DraftChain, DraftTable } from './draft-table.ts';
import { expandVariables } from './expand-variables.ts';
import { readRule } from './parse-rule.ts';
import { parseSetBody, readSetElements } from './parse-set.ts';
import type { NftFamily, NftObject, NftRuleset } from './ruleset.ts';
import { NftSyntaxError, TokenReader } from './token-reader.ts';
import { type Token, tokenize } from './tokenize.ts';

type ParseNftOptions = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly originAt?: OriginAt | undefined;
};

const FAMILIES: readonly NftFamily[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
const COMMANDS: readonly string[] = ['table', 'add', 'create', 'insert', 'flush'];

/** Blocks and the commands add, create, insert and flush. Errors are Issues with the place in the file. */
export function parseNftables(text: string, options: ParseNftOptions): Result<NftRuleset> {
  const tokens = tokenize(text, options.line ?? 1, options.column ?? 1);
  const tables = new Map<string, DraftTable>();
  try {
    const reader = new TokenReader(text, expandVariables(tokens), options.originAt);
    for (;;) {
      reader.skipEnds();
      if (reader.peek() === undefined) break;
      readCommand(reader, tables);
      if (reader.peek() !== undefined && !['end', 'line'].includes(reader.peek()?.kind ?? ''))
        throw reader.wrong('the end of the command');
    }
  } catch (error) {
    if (!(error instanceof NftSyntaxError)) throw error;
    return fail(issueOf(error, tokens, options));
  }
  const ruleset = [...tables.values()].map((table) => table.finish());
  const issues = checkNftables(ruleset).map((problem) => ({
    ...problem,
    at: { file: options.file, line: options.line ?? 1, column: options.column ?? 1 },
  }));
  return issues.length > 0 ? fail(...issues) : ok(ruleset);
}

function issueOf(error: NftSyntaxError, tokens: readonly Token[], { file }: ParseNftOptions): Issue {
  const token = error.token ?? tokens.at(-1);
  const at = { file, line: token?.line ?? 1, column: token?.column ?? 1 };
  return issue('nftables-syntax', error.message, { at, ...(error.hint === undefined ? {} : { hint: error.hint }) });
}

function readFamily(reader: TokenReader): NftFamily {
  const family = FAMILIES.find((one) => reader.is(one));
  if (family === undefined) return 'ip';
  reader.at++;
  return family;
}

function readTable(reader: TokenReader, tables: Map<string, DraftTable>): DraftTable {
  const family = readFamily(reader);
  const name = reader.word('the name of a table');
  const key = `${family} ${name}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = new DraftTable(family, name);
    tables.set(key, table);
  }
  return table;
}

function readCommand(reader: TokenReader, tables: Map<string, DraftTable>): void {
  if (reader.take('flush')) {
    readFlush(reader, tables);
    return;
  }
  const insert = reader.take('insert');
  if (!insert && !reader.take('add')) reader.take('create');
  const word = reader.peek()?.text ?? '';
  if (reader.take('table')) {
    const table = readTable(reader, tables);
    if (reader.is('{')) readTableBody(reader, table);
  } else if (reader.take('chain')) {
    const table = readTable(reader, tables);
    const chain = readChain(reader, table);
    if (reader.is('{')) readChainBody(reader, table, chain);
  } else if (reader.take('rule')) addRule(reader, readTable(reader, tables), insert);
  else if (reader.take('set')) readSet(reader, readTable(reader, tables), 'set');
  else if (reader.take('map')) readSet(reader, readTable(reader, tables), 'map');
  else if (reader.take('element')) addElements(reader, readTable(reader, tables));
  else {
    const near = nearest(word, COMMANDS);
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : COMMANDS.join(', ');
    throw reader.wrong('a table or a command', hint);
  }
}

/** `flush ruleset [ip]` takes every table away, whatever the family; `flush table` the rules of one. */
function readFlush(reader: TokenReader, tables: Map<string, DraftTable>): void {
  if (reader.take('ruleset')) {
    if (!reader.atEnd()) readFamily(reader);
    tables.clear();
  } else if (reader.take('table')) readTable(reader, tables).flush();
  else throw reader.wrong('ruleset or table');
}

/** The chain that is named here, made where it is not there yet. */
function readChain(reader: TokenReader, table: DraftTable): DraftChain {
  return table.chain(reader.word('the name of a chain'));
}

function addRule(reader: TokenReader, table: DraftTable, insert: boolean): void {
  const chain = readChain(reader, table);
  const rule = readRule(reader, table.family, reader.origin());
  if (insert) chain.rules.unshift(rule);
  else chain.rules.push(rule);
}

function addElements(reader: TokenReader, table: DraftTable): void {
  const token = reader.peek();
  const name = reader.word('the name of a set');
  const set = table.findSet(name);
  if (set === undefined) throw new NftSyntaxError(`there is no set ${plain(name)}`, token);
  set.elements.push(...readSetElements(reader, set.keyTypes, set.dataTypes));
}

/** Blocks that are listed and have no say in verdicts here. */
const OBJECTS: ReadonlySet<string> = new Set(['counter', 'quota', 'limit', 'ct', 'flowtable', 'synproxy', 'secmark']);

function readTableBody(reader: TokenReader, table: DraftTable): void {
  reader.expect('{');
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) return;
    if (reader.take('comment')) table.comment = reader.string('a comment in quotes');
    else if (reader.take('flags')) {
      do if (reader.word('a flag') === 'dormant') table.dormant = true;
      while (reader.take(','));
    } else if (reader.take('chain')) readChainBody(reader, table, readChain(reader, table));
    else if (reader.take('set')) readSet(reader, table, 'set');
    else if (reader.take('map')) readSet(reader, table, 'map');
    else if (OBJECTS.has(reader.peek()?.text ?? '')) table.objects.push(readObject(reader));
    else throw reader.wrong('chain, set, map, comment, flags or "}"');
  }
}

function readSet(reader: TokenReader, table: DraftTable, kind: 'set' | 'map'): void {
  const name = reader.word(`the name of a ${kind}`);
  table.addSet(parseSetBody(reader, kind, name));
}

function readObject(reader: TokenReader): NftObject {
  const words: string[] = [];
  while (reader.peek() !== undefined && !reader.is('{') && !reader.atEnd())
    words.push(reader.word('the name of an object'));
  const name = words.pop() ?? '';
  reader.expect('{');
  const lines: string[] = [];
  let depth = 1;
  let from = reader.peek()?.from ?? 0;
  let to = from;
  const finishLine = () => {
    const line = reader.text.slice(from, to).replace(/\s+/g, ' ').trim();
    if (line !== '') lines.push(line);
  };
  for (;;) {
    const token = reader.next();
    if (token === undefined) throw reader.wrong('"}"');
    if (token.kind === 'sign' && token.text === '{') depth++;
    if (token.kind === 'sign' && token.text === '}' && --depth === 0) break;
    if (token.kind === 'line' || token.kind === 'end') {
      finishLine();
      from = reader.peek()?.from ?? token.to;
      to = from;
    } else to = token.to;
  }
  finishLine();
  return { kind: words.join(' '), name, lines };
}

function readChainBody(reader: TokenReader, table: DraftTable, chain: DraftChain): void {
  reader.expect('{');
  for (;;) {
    reader.skipEnds();
    if (reader.take('}')) return;
    if (reader.is('comment') && reader.peek(1)?.kind === 'string') {
      reader.at++;
      chain.comment = reader.string('a comment in quotes');
    } else if (reader.is('type') && ['filter', 'nat', 'route'].includes(reader.peek(1)?.text ?? ''))
      chain.base = parseBaseChain(reader, table.family);
    else if (reader.is('policy') && chain.base !== undefined) {
      reader.at++;
      const policy = reader.word('accept or drop');
      if (policy !== 'accept' && policy !== 'drop') throw reader.wrong('accept or drop');
      chain.base = { ...chain.base, policy };
    } else if (reader.peek() === undefined) throw reader.wrong('"}"');
    else chain.rules.push(readRule(reader, table.family, reader.origin()));
  }
}
