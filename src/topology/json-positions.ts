/**
 * Finds where the value at a path stands in a JSON text, by walking the text along the path and skipping everything else.
 * Nothing is built while the input is read; the offsets of a list's items are kept, so that a second question about a
 * `kind: List` of 30,000 items does not walk it again. The text must be valid JSON (JSON.parse has read it).
 */
import type { PathSegment } from '../cluster/source.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;

export class JsonPositions {
  readonly #text: string;
  readonly #start: number;
  /** Offset of a list -> offsets of its items. */
  readonly #lists = new Map<number, readonly number[]>();

  /** @param start offset of the document inside the text, for streams of several. */
  constructor(text: string, start = 0) {
    this.#text = text;
    this.#start = skipSpace(text, start);
  }

  /** Offset of the value at the path, or of the nearest parent that exists; with 'key', of the last key itself. */
  offset(path: readonly PathSegment[], what: 'key' | 'value'): number {
    let at = this.#start;
    for (const [depth, segment] of path.entries()) {
      const code = this.#text.charCodeAt(at);
      if (typeof segment === 'number') {
        const item = code === OPEN_LIST ? this.#items(at)[segment] : undefined;
        if (item === undefined) return at;
        at = item;
      } else {
        const entry = code === OPEN_MAP ? this.#entry(at, segment) : undefined;
        if (entry === undefined) return at;
        if (what === 'key' && depth === path.length - 1) return entry.key;
        at = entry.value;
      }
    }
    return at;
  }

  #items(list: number): readonly number[] {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    const offsets: number[] = [];
    let at = skipSpace(this.#text, list + 1);
    while (at < this.#text.length && this.#text.charCodeAt(at) !== CLOSE_LIST) {
      offsets.push(at);
      at = this.#next(skipValue(this.#text, at));
    }
    this.#lists.set(list, offsets);
    return offsets;
  }

  /** The first entry of the name. Nothing after it is looked at: behind `items` stands the whole input. */
  #entry(map: number, name: string): { readonly key: number; readonly value: number } | undefined {
    const text = this.#text;
    let at = skipSpace(text, map + 1);
    while (at < text.length && text.charCodeAt(at) !== CLOSE_MAP) {
      const end = skipString(text, at);
      const colon = skipSpace(text, end);
      const value = skipSpace(text, text.charCodeAt(colon) === COLON ? colon + 1 : colon);
      if (unquote(text.slice(at, end)) === name) return { key: at, value };
      at = this.#next(skipValue(text, value));
    }
    return undefined;
  }

  /** From the end of a value to the start of the next item, or to the closing bracket. */
  #next(end: number): number {
    const at = skipSpace(this.#text, end);
    return this.#text.charCodeAt(at) === COMMA ? skipSpace(this.#text, at + 1) : at;
  }
}

function unquote(literal: string): string {
  const value: unknown = literal.includes('\\') ? JSON.parse(literal) : literal.slice(1, -1);
  return typeof value === 'string' ? value : '';
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

/** The offset after the string that starts at `from`. */
function skipString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (at >= 0) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  return text.length;
}

/** The offset after the value that starts at `from`. Counts brackets instead of recursing: nesting may be of any depth. */
export function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return skipString(text, from);
  if (first !== OPEN_MAP && first !== OPEN_LIST) return skipWord(text, from);
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (code === OPEN_MAP || code === OPEN_LIST) depth++;
    else if (code === CLOSE_MAP || code === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at + 1;
    }
    at++;
  }
  return at;
}

/** A number, true, false or null: everything up to the next delimiter. */
function skipWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at++;
  return Math.max(at, Math.min(from + 1, text.length));
}
