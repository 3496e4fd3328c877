/** The words of `ip` output, with the place of each. */
import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { fail, type Issue, issue, type Position, type Result } from '../../lib/result.ts';

/** A word that does not fit: an Issue on its way to the parser's edge, never further. */
class TextError extends Error {
  override readonly name = 'TextError';
  readonly issue: Issue;

  constructor(found: Issue) {
    super(found.message);
    this.issue = found;
  }
}

type Word = { readonly text: string; readonly line: number; readonly column: number };

export class TextReader {
  readonly #words: readonly Word[];
  readonly #end: Word;
  readonly #code: string;
  readonly #at: Position | undefined;
  #next = 0;

  /** `code` is the code of every Issue; `at` is where the text begins, every later line starting in the same column. */
  constructor(text: string, code: string, at: Position | undefined) {
    const lines = text.split('\n');
    this.#words = lines.flatMap((line, index) =>
      [...line.matchAll(/\S+/g)].map((match) => ({ text: match[0], line: index, column: match.index })),
    );
    this.#end = { text: '', line: lines.length - 1, column: (lines.at(-1) ?? '').length };
    this.#code = code;
    this.#at = at;
  }

  get done(): boolean {
    return this.#next >= this.#words.length;
  }

  peek(): string | undefined {
    return this.#words[this.#next]?.text;
  }

  /** Takes the next word; `what` names it in the error when the text ends here. */
  take(what: string): string {
    const word = this.#words[this.#next];
    if (word === undefined) throw this.#error(this.#end, `expected ${what} at the end of the line`);
    this.#next++;
    return word.text;
  }

  /** Takes the next word if it is one of these. */
  takeIf(...texts: readonly string[]): boolean {
    const word = this.peek();
    if (word === undefined || !texts.includes(word)) return false;
    this.#next++;
    return true;
  }

  /** Takes the next word and reads it; a reader that answers undefined makes it an error. */
  read<T>(what: string, parse: (text: string) => T | undefined, valid: readonly string[] = []): T {
    const text = this.take(what);
    const value = parse(text);
    if (value === undefined) throw this.error(`${quote(text)} is not ${what}`, { valid });
    return value;
  }

  /** An error at the word taken last. With `valid`, the nearest of those words is the hint. */
  error(message: string, extra: { hint?: string; valid?: readonly string[] } = {}): TextError {
    const word = this.#words[Math.max(0, this.#next - 1)] ?? this.#end;
    const near = extra.valid === undefined ? [] : nearest(word.text, extra.valid);
    const hint = extra.hint ?? (near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined);
    return this.#error(word, message, hint);
  }

  #error(word: Word, message: string, hint?: string): TextError {
    const at = this.#at;
    return new TextError(
      issue(this.#code, message, {
        ...(at === undefined ? {} : { at: { ...at, line: at.line + word.line, column: at.column + word.column } }),
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  }
}

/** Runs a parser; the error it may throw becomes a failed Result. */
export function textResult<T>(parse: () => T): Result<T> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (error instanceof TextError) return fail(error.issue);
    throw error;
  }
}
