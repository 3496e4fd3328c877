import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import type { PathSegment, SourceDocument } from '../cluster/source.ts';
import { plain } from '../lib/quote.ts';
import { type Issue, issue, type Position } from '../lib/result.ts';
import type { InputFile, ReadDocuments } from './input-file.ts';
import { DEEPEST_YAML, nestsDeeperThan } from './yaml-depth.ts';

/** How often aliases may multiply before a document counts as an attack ("billion laughs"). */
const MOST_ALIASES = 100;

class YamlDocument implements SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #document: Document;
  readonly #place: (offset: number) => Position;

  constructor(file: string, value: unknown, document: Document, place: (offset: number) => Position) {
    this.file = file;
    this.value = value;
    this.#document = document;
    this.#place = place;
  }

  locate(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): Position {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? this.#document.range?.[0] ?? 0;
    for (const [depth, segment] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isSeq(node) && typeof segment === 'number') {
        if (segment >= node.items.length) break;
        node = node.items[segment];
      } else if (isMap(node)) {
        const pair = node.items.findLast(({ key }) => keyText(key) === String(segment));
        if (pair === undefined) break;
        if (what === 'key' && depth === path.length - 1) return this.#place(startOf(pair.key) ?? offset);
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else break;
      offset = startOf(node) ?? offset;
    }
    return this.#place(offset);
  }

  isPlain(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): boolean {
    const node = what === 'value' ? this.#document.getIn(path, true) : this.#keyOf(path);
    return isScalar(node) && node.type === 'PLAIN';
  }

  #keyOf(path: readonly PathSegment[]): unknown {
    const parent = this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    return parent.items.find(({ key }) => keyText(key) === String(path.at(-1)))?.key;
  }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value ?? '') : String(key);
}

/** Every document of a YAML stream (YAML 1.2, core schema). Empty ones are left out, broken ones become issues. */
export function readYaml({ file, text }: InputFile): ReadDocuments {
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents: SourceDocument[] = [];
  const issues: Issue[] = [];
  const composer = new Composer({
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    schema: 'core',
    version: '1.2',
  });
  const parsed: Document[] = [];
  try {
    for (const token of new Parser(lines.addNewLine).parse(text)) {
      if (token.type === 'document' && nestsDeeperThan(token, DEEPEST_YAML)) {
        issues.push(
          issue('yaml-syntax', `not read: nested more than ${DEEPEST_YAML} levels deep`, { at: place(token.offset) }),
        );
      } else parsed.push(...composer.next(token));
    }
    parsed.push(...composer.end());
  } catch (error) {
    return { documents, issues: [issue('yaml-syntax', refusal(error), { at: { file, line: 1, column: 1 } })] };
  }
  for (const document of parsed) {
    const wrong = [
      ...document.errors.map((error) => describe(error, text, place)),
      ...mergeKeys(document, text, place),
    ];
    issues.push(
      ...wrong,
      ...document.warnings.map((w) => ({ ...describe(w, text, place), severity: 'warning' as const })),
    );
    // A key that stands twice spoils nothing else: what else is wrong in the document is told as well.
    if (wrong.some(({ code }) => code !== 'duplicate-key') || document.contents === null) continue;
    try {
      const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
      if (value !== null && value !== undefined) documents.push(new YamlDocument(file, value, document, place));
    } catch (error) {
      issues.push(issue('yaml-syntax', refusal(error), { at: place(document.range?.[0] ?? 0) }));
    }
  }
  return { documents, issues };
}

function refusal(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('Excessive alias count')) return 'not read: its aliases (*name) multiply without bound';
  return `not valid YAML: ${plain(message)}`;
}

/** `<<` belongs to YAML 1.1. Its fields would be lost in silence, so it is refused by name. */
function mergeKeys(document: Document, text: string, place: (offset: number) => Position): readonly Issue[] {
  if (!text.includes('<<')) return [];
  const found: Issue[] = [];
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '<<' || pair.key.type !== 'PLAIN') return;
      const at = place(pair.key.range?.[0] ?? 0);
      found.push(
        issue('yaml-merge-key', 'the merge key << is YAML 1.1 and is not read', { at, hint: 'write its fields out' }),
      );
    },
  });
  return found;
}

/** What the parser's codes mean to somebody who writes manifests. */
const PLAIN_WORDS: ReadonlyMap<string, string> = new Map([
  ['TAB_AS_INDENT', 'a tab is used for indentation: use spaces'],
  ['BAD_INDENT', 'the indentation does not fit the lines above'],
  ['MULTILINE_IMPLICIT_KEY', 'a key goes over several lines: a colon or a quote is probably missing'],
  [
    'BLOCK_AS_IMPLICIT_KEY',
    'a nested mapping begins on the line of its key: put it on the next line, or quote the text with a colon',
  ],
  ['BAD_ALIAS', 'an alias (*name) without a name, or a text that begins with * and needs quotes'],
]);

/** A brace that nothing closes is told as a mistake of indentation, too: the parser cannot know which of the two it is. */
function unclosed({ message }: YAMLError): string | undefined {
  if (message.startsWith('Flow map')) return 'a { is not closed by a }, or a line inside it does not stand further in';
  if (message.startsWith('Flow sequence'))
    return 'a [ is not closed by a ], or a line inside it does not stand further in';
  return undefined;
}

function describe(error: YAMLError, text: string, place: (offset: number) => Position): Issue {
  const at = place(error.pos[0]);
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]{1,60}/.exec(text.slice(error.pos[0], error.pos[0] + 60))?.[0] ?? '';
    return issue('duplicate-key', `the key ${plain(key)} stands twice in one mapping`, {
      at,
      hint: 'keep one of them',
    });
  }
  const words =
    unclosed(error) ?? PLAIN_WORDS.get(error.code) ?? lowerFirst(error.message.split('\n')[0] ?? error.code);
  return issue('yaml-syntax', `not valid YAML: ${/^[ -~]*$/.test(words) ? words : plain(words)}`, { at });
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
