/**
 * A strict reader of one mapping of a document. It hands out typed fields, collects an Issue for each that is wrong, and
 * can then say which fields nobody asked for. It never throws. Paths are kept as links to the parent and become text and
 * positions only when something is wrong, so that reading 30,000 good objects costs property reads only.
 *
 *   const spec = reader.requiredObject('spec');
 *   const port = spec?.optional('port', PORT) ?? 80;
 *   reader.done();                                    // everything else is an unknown field
 */
import { describeValue } from '../lib/quote.ts';
import type { Issue, Position } from '../lib/result.ts';
import type { Decoding } from './decode-error.ts';
import { required } from './field-error.ts';
import { type FieldType, STRING } from './field-type.ts';
import { subjectOf, unknownField, unknownFieldHint, wrongShape, wrongValue } from './field-words.ts';
import { isPlainObject, ownField, type PlainObject } from './plain-object.ts';
import { type PathSegment, printPath, type Source, type SourceDocument } from './source.ts';

/** Where the readers of one load put what they find. */
export type ReadContext = {
  readonly issues: Issue[];
  /** Unknown fields are warnings. */
  readonly lenient: boolean;
};

export type IssueExtra = {
  readonly hint?: string | undefined;
  readonly what?: 'key' | 'value';
  /** Where it stands, when that is not the path that the message names. */
  readonly at?: readonly PathSegment[];
};

export class FieldReader {
  readonly value: PlainObject;
  readonly #context: ReadContext;
  readonly #document: SourceDocument;
  readonly #parent: FieldReader | undefined;
  readonly #segments: readonly PathSegment[];
  /** Set for the kinds of an API server: what is wrong is told in its words. */
  readonly #decoding: Decoding | undefined;
  readonly #asked: string[] = [];

  private constructor(
    value: PlainObject,
    context: ReadContext,
    document: SourceDocument,
    parent: FieldReader | undefined,
    segments: readonly PathSegment[],
    decoding: Decoding | undefined,
  ) {
    this.value = value;
    this.#context = context;
    this.#document = document;
    this.#parent = parent;
    this.#segments = segments;
    this.#decoding = decoding;
  }

  /** The reader of an object of the input; undefined, with an issue, when the value there is no mapping. */
  static open(source: Source, value: unknown, context: ReadContext, decoding?: Decoding): FieldReader | undefined {
    if (isPlainObject(value)) return new FieldReader(value, context, source.document, undefined, source.path, decoding);
    const at = source.document.locate(source.path);
    context.issues.push({
      severity: 'error',
      code: 'wrong-type',
      message: `expected a mapping, got ${describeValue(value)}`,
      at,
    });
    return undefined;
  }

  /** Full path from the top of the document. */
  get path(): readonly PathSegment[] {
    return this.#parent === undefined ? this.#segments : [...this.#parent.path, ...this.#segments];
  }

  /** Path from the object, without the place of the object in its List. */
  get #inner(): readonly PathSegment[] {
    return this.#parent === undefined ? [] : [...this.#parent.#inner, ...this.#segments];
  }

  get source(): Source {
    return { document: this.#document, path: this.path };
  }

  /** Position of the value at a path under this mapping; with 'key', of the key itself. */
  position(path: readonly PathSegment[] = [], what: 'key' | 'value' = 'value'): Position {
    return this.#document.locate([...this.path, ...path], what);
  }

  /** Whether a value under this mapping, or its key, was written without quotes. */
  isPlain(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): boolean {
    return this.#document.isPlain?.([...this.path, ...path], what) ?? false;
  }

  /** `Service shop/web`: the object the reader stands in, from its own kind and metadata. */
  get subject(): string {
    if (this.#parent !== undefined) return this.#parent.subject;
    return subjectOf(this.value);
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** The field as it stands; null is undefined. */
  raw(name: string): unknown {
    this.#asked.push(name);
    return ownField(this.value, name);
  }

  optional<T>(name: string, type: FieldType<T>): T | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.#parse(value, type, [name]);
  }

  /** @param words what the API server says when it is missing, if more than `Required value` */
  required<T>(name: string, type: FieldType<T>, words?: string): T | undefined {
    const value = this.raw(name);
    if (value !== undefined) return this.#parse(value, type, [name]);
    this.#missing(name, type.expected, words);
    return undefined;
  }

  /** A list of scalars: absent is empty, and each wrong item is an issue of its own. */
  list<T>(name: string, type: FieldType<T>): readonly T[] {
    return this.entries(name, type).map(([, item]) => item);
  }

  /** The same, each item with its place in the list as it was written, for what is said about it later. */
  entries<T>(name: string, type: FieldType<T>): readonly (readonly [number, T])[] {
    return this.#items(name).flatMap((item, index) => {
      const parsed = this.#parse(item, type, [name, index]);
      return parsed === undefined ? [] : [[index, parsed] as const];
    });
  }

  /** A mapping from names to scalars, without a prototype; absent is empty. */
  map<T>(name: string, type: FieldType<T>): Readonly<Record<string, T>> {
    const result: Record<string, T> = Object.create(null);
    const value = this.raw(name);
    if (value === undefined) return result;
    if (!isPlainObject(value)) {
      this.#wrongType('object', value, [name]);
      return result;
    }
    for (const key of Object.keys(value)) {
      const parsed = this.#parse(value[key] ?? undefined, type, [name, key]);
      if (parsed !== undefined) result[key] = parsed;
    }
    return result;
  }

  stringMap(name: string): Readonly<Record<string, string>> {
    return this.map(name, STRING);
  }

  object(name: string): FieldReader | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : this.#open(value, [name]);
  }

  requiredObject(name: string, words?: string): FieldReader | undefined {
    const value = this.raw(name);
    if (value !== undefined) return this.#open(value, [name]);
    this.#missing(name, 'a mapping', words);
    return undefined;
  }

  /** A list of mappings: absent is empty, and an item that is no mapping is an issue and left out. */
  objects(name: string): readonly FieldReader[] {
    return this.#items(name).flatMap((item, index) => {
      const opened = this.#open(item ?? undefined, [name, index]);
      return opened === undefined ? [] : [opened];
    });
  }

  /** A mapping from names to mappings, in order. */
  objectMap(name: string): readonly (readonly [string, FieldReader])[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!isPlainObject(value)) {
      this.#wrongType('object', value, [name]);
      return [];
    }
    return Object.keys(value).flatMap((key) => {
      const opened = this.#open(value[key] ?? undefined, [name, key]);
      return opened === undefined ? [] : [[key, opened] as const];
    });
  }

  /** Marks fields as known that need no reading. */
  ignore(...names: readonly string[]): void {
    this.#asked.push(...names);
  }

  /** Reports every field that nobody asked for. Call it once, after the last field. */
  done(): void {
    for (const name of Object.keys(this.value)) {
      if (this.#asked.includes(name)) continue;
      this.#context.issues.push({
        severity: this.#context.lenient ? 'warning' : 'error',
        code: 'unknown-field',
        message: `${this.subject}: ${unknownField(name, this.#inner, this.#decoding)}`,
        at: this.position([name], 'key'),
        hint: unknownFieldHint(name, this.#asked),
      });
    }
  }

  /** An error about the value (or key) at a path under this mapping: `Service shop/web: spec.type: message`. */
  error(code: string, message: string, path: readonly PathSegment[] = [], extra: IssueExtra = {}): void {
    this.#report('error', code, message, path, extra);
  }

  warn(code: string, message: string, path: readonly PathSegment[] = [], extra: IssueExtra = {}): void {
    this.#report('warning', code, message, path, extra);
  }

  #report(
    severity: Issue['severity'],
    code: string,
    message: string,
    path: readonly PathSegment[],
    extra: IssueExtra,
  ): void {
    const { at = path, what = 'value', hint } = extra;
    const place = printPath([...this.#inner, ...path]);
    this.#context.issues.push({
      severity,
      code,
      message: `${this.subject}: ${place === '' ? '' : `${place}: `}${message}`,
      at: this.position(at, what),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #parse<T>(value: unknown, type: FieldType<T>, path: readonly PathSegment[]): T | undefined {
    const parsed = type.parse(value);
    if (parsed === undefined) {
      // A mapping begins below its key: the key is the line that has to change.
      const what = typeof value === 'object' && typeof path.at(-1) === 'string' ? 'key' : 'value';
      const extra: IssueExtra = { hint: type.hint?.(value), what };
      for (const words of wrongValue(type, value, [...this.#inner, ...path], this.#decoding))
        this.error('wrong-value', words, path, extra);
    }
    return parsed;
  }

  #wrongType(wanted: 'object' | 'array', value: unknown, path: readonly PathSegment[], hint?: string): void {
    const words = wrongShape(wanted, value, [...this.#inner, ...path], this.#decoding);
    this.error('wrong-type', words, path, hint === undefined ? {} : { hint });
  }

  #open(value: unknown, segments: readonly PathSegment[]): FieldReader | undefined {
    if (isPlainObject(value)) {
      return new FieldReader(value, this.#context, this.#document, this, segments, this.#decoding);
    }
    this.#wrongType('object', value, segments);
    return undefined;
  }

  #items(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.#wrongType('array', value, [name], 'put "- " before the item');
    return [];
  }

  #missing(name: string, expected: string, words = required()): void {
    if (this.#decoding === undefined) {
      this.error('missing-field', `required field ${name} is missing: expected ${expected}`);
    } else this.error('missing-field', words, [name], { hint: `expected ${expected}` });
  }
}
