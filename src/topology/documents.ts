/** Input texts -> the objects in them: streams split, Lists flattened, and each with the way back to line and column. */
import { isPlainObject, ownField, type PlainObject } from '../cluster/plain-object.ts';
import type { PathSegment, SourceDocument } from '../cluster/source.ts';
import { describeValue } from '../lib/quote.ts';
import { fail, type Issue, issue, ok, type Position, type Result } from '../lib/result.ts';
import type { InputFile, ReadDocuments } from './input-file.ts';
import { readJson } from './json-documents.ts';
import { readYaml } from './yaml-documents.ts';

/** How deep Lists may hold Lists. kubectl prints one level. */
const DEEPEST_LIST = 8;

/** An item of a List seen as a document of its own. */
class ListItem implements SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #list: SourceDocument;
  readonly #path: readonly PathSegment[];

  constructor(value: unknown, list: SourceDocument, path: readonly PathSegment[]) {
    this.file = list.file;
    this.value = value;
    this.#list = list;
    this.#path = path;
  }

  locate(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): Position {
    return this.#list.locate([...this.#path, ...path], what);
  }

  isPlain(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): boolean {
    return this.#list.isPlain?.([...this.#path, ...path], what) ?? false;
  }
}

/** All objects of all inputs, in order, or every problem found. Each has `apiVersion` and `kind` as strings. */
export function readDocuments(inputs: readonly InputFile[]): Result<readonly SourceDocument[]> {
  const { documents, issues } = splitDocuments(inputs);
  return issues.some(({ severity }) => severity === 'error') ? fail(...issues) : ok(documents);
}

/** The same, with what could be read beside what could not, so that the problems of every document can be told at once. */
export function splitDocuments(inputs: readonly InputFile[]): ReadDocuments {
  const documents: SourceDocument[] = [];
  const issues: Issue[] = [];
  for (const input of inputs) {
    const read = readText(input);
    for (const found of read.issues) issues.push(found);
    for (const document of read.documents) flatten(document, DEEPEST_LIST, documents, issues);
  }
  return { documents, issues };
}

/** JSON by name or by its first character; what only looks like JSON is a YAML flow mapping. */
function readText({ file, text }: InputFile): ReadDocuments {
  const input = { file, text: text.startsWith('\ufeff') ? text.slice(1) : text };
  if (/\.json$/i.test(file)) return readJson(input);
  if (!/^\s*[{[]/.test(input.text)) return readYaml(input);
  const json = readJson(input);
  return json.issues.length === 0 ? json : readYaml(input);
}

function flatten(document: SourceDocument, depth: number, documents: SourceDocument[], issues: Issue[]): void {
  const { value } = document;
  const refuse = (message: string, hint?: string): void => {
    issues.push(issue('not-an-object', message, { at: document.locate([]), ...(hint === undefined ? {} : { hint }) }));
  };
  if (!isPlainObject(value)) {
    refuse(`expected an object with apiVersion and kind, got ${describeValue(value)}`);
    return;
  }
  const kind = ownField(value, 'kind');
  const apiVersion = ownField(value, 'apiVersion');
  const missing = [
    ...(typeof apiVersion === 'string' ? [] : ['apiVersion']),
    ...(typeof kind === 'string' ? [] : ['kind']),
  ];
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    refuse(`the document lacks ${missing.join(' and ')}`, 'every object begins with apiVersion and kind');
    return;
  }
  if (!isList(value, kind)) {
    documents.push(document);
    return;
  }
  if (depth === 0) {
    refuse('Lists inside Lists are nested too deeply');
    return;
  }
  const items = ownField(value, 'items') ?? [];
  if (!Array.isArray(items)) {
    refuse(`items of the ${kind === 'List' ? 'List' : 'list'} must be a list, got ${describeValue(items)}`);
    return;
  }
  const itemType = kind === 'List' ? undefined : { apiVersion, kind: kind.slice(0, -'List'.length) };
  for (const [index, item] of items.entries()) {
    flatten(new ListItem(withType(item, itemType), document, ['items', index]), depth - 1, documents, issues);
  }
}

/** `List` always; `PodList` and the like when they have items (a kind of somebody's own may merely end in List). */
function isList(value: PlainObject, kind: string): boolean {
  return kind === 'List' || (kind.endsWith('List') && Array.isArray(ownField(value, 'items')));
}

/** Items of a typed list (`PodList`) may leave out what the list says for all of them. */
function withType(item: unknown, type: { readonly apiVersion: string; readonly kind: string } | undefined): unknown {
  if (type === undefined || !isPlainObject(item) || ownField(item, 'kind') !== undefined) return item;
  return { ...item, ...type };
}
