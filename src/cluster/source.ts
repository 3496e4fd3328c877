/** Where an object was written, so that every message can name file, line and column. */
import { plain } from '../lib/quote.ts';
import type { Position } from '../lib/result.ts';

export type PathSegment = string | number;

/** `spec.ports[0].name`; keys that are no plain words are quoted. */
export function printPath(path: readonly PathSegment[]): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${plain(segment)}]`;
  }
  return text;
}

/** One document of one input file. Positions are looked up only when somebody asks. */
export interface SourceDocument {
  readonly file: string;
  /** The document as plain data. */
  readonly value: unknown;
  /** Position of the value at the path, or of the nearest parent that exists. With `key`, of the key itself. */
  locate(path: readonly PathSegment[], what?: 'key' | 'value'): Position;
  /** Whether the value, or with `key` its key, stands there without quotes; absent where a form has none (JSON). */
  isPlain?(path: readonly PathSegment[], what?: 'key' | 'value'): boolean;
}

/** An object inside a document: at its top, or an item of a List. */
export type Source = { readonly document: SourceDocument; readonly path: readonly PathSegment[] };

export function positionOf(source: Source, ...path: readonly PathSegment[]): Position {
  return source.document.locate([...source.path, ...path]);
}

/** As files are read: by file, line and column; what has no place comes last. */
export function comparePositions(a: Position | undefined, b: Position | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const files = a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
  return files || a.line - b.line || a.column - b.column;
}
