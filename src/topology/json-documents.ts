import type { PathSegment, SourceDocument } from '../cluster/source.ts';
import { quote } from '../lib/quote.ts';
import { issue, type Position } from '../lib/result.ts';
import type { InputFile, ReadDocuments } from './input-file.ts';
import { JsonPositions, skipSpace, skipValue } from './json-positions.ts';
import { LineIndex } from './line-index.ts';

class JsonDocument implements SourceDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #positions: JsonPositions;
  readonly #lines: LineIndex;

  constructor(file: string, value: unknown, positions: JsonPositions, lines: LineIndex) {
    this.file = file;
    this.value = value;
    this.#positions = positions;
    this.#lines = lines;
  }

  locate(path: readonly PathSegment[], what: 'key' | 'value' = 'value'): Position {
    return this.#lines.position(this.#positions.offset(path, what));
  }
}

/** One JSON value, or several one after the other. The first error ends the reading: JSON has no place to start again. */
export function readJson({ file, text }: InputFile): ReadDocuments {
  const lines = new LineIndex(file, text);
  const whole = parse(text);
  if (whole.ok) {
    const positions = new JsonPositions(text);
    // Every report names the lines of objects: finding the items of a long list belongs to reading it.
    positions.offset(['items', 0], 'value');
    return { documents: [new JsonDocument(file, whole.value, positions, lines)], issues: [] };
  }
  const documents: SourceDocument[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const end = skipValue(text, at);
    const part = parse(text.slice(at, end));
    if (!part.ok) {
      const place = lines.position(Math.min(at + errorOffset(part.message, text.slice(at, end)), text.length));
      return {
        documents,
        issues: [issue('json-syntax', `not valid JSON: ${plainWords(part.message)}`, { at: place })],
      };
    }
    documents.push(new JsonDocument(file, part.value, new JsonPositions(text, at), lines));
    at = skipSpace(text, end);
  }
  return { documents, issues: [] };
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function parse(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** V8 names the offset in most messages ("at position 17"); the others are about the end of the text. */
function errorOffset(message: string, text: string): number {
  const position = /at position (\d{1,15})/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  if (token !== undefined && text.startsWith(token)) return 0;
  return text.trimEnd().length;
}

/** V8 repeats a piece of the text in its message: outside text is escaped before it is shown. */
function plainWords(message: string): string {
  const sentence = message.replace(/ in JSON at position .*$/su, '').replace(/, (\.\.\.)?".*$/su, '');
  return /^[ -~]*$/.test(sentence) ? sentence : quote(sentence);
}
