/** A hand on the words of a text. */
import type { OriginAt, OriginId } from '../origin.ts';
import type { Token } from './tokenize.ts';

/** The text is not nft's language: what stands at `token` (undefined: at the end) does not belong there. */
export class NftSyntaxError extends Error {
  override readonly name = 'NftSyntaxError';
  readonly token: Token | undefined;
  readonly hint: string | undefined;

  constructor(message: string, token: Token | undefined, hint?: string) {
    super(message);
    this.token = token;
    this.hint = hint;
  }
}

/** Parentheses inside parentheses: nobody needs more. */
const DEEPEST = 32;

/** `at` is the next token; whoever sets it back reads again. */
export class TokenReader {
  readonly text: string;
  readonly tokens: readonly Token[];
  at = 0;
  readonly #originAt: OriginAt | undefined;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[], originAt?: OriginAt) {
    this.text = text;
    this.tokens = tokens;
    this.#originAt = originAt;
  }

  /** Where the rule that begins here came from. */
  origin(): OriginId | undefined {
    const token = this.peek();
    return token === undefined ? undefined : this.#originAt?.(token.line);
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  next(): Token | undefined {
    return this.tokens[this.at++];
  }

  /** Whether the next word or sign is this one; strings are not meant. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token !== undefined && token.kind !== 'string' && token.text === text;
  }

  /** Past the next word or sign, if it is this one. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** Throws NftSyntaxError where the next word or sign is another. */
  expect(text: string): void {
    if (!this.take(text)) throw this.wrong(`"${text}"`);
  }

  /** What stands in parentheses, the first of which is read already. */
  inParentheses<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) {
      this.#depth = 0;
      throw this.wrong('fewer parentheses');
    }
    try {
      const inside = read();
      this.expect(')');
      return inside;
    } finally {
      this.#depth = Math.max(0, this.#depth - 1);
    }
  }

  /** A word, or a text in quotes. */
  word(what: string): string {
    const token = this.peek();
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'string')) throw this.wrong(what);
    this.at++;
    return token.text;
  }

  /** A text in quotes, without them. */
  string(what: string): string {
    const token = this.peek();
    if (token?.kind !== 'string') throw this.wrong(what);
    this.at++;
    return token.text;
  }

  /** Past line breaks, where they mean nothing. */
  skipLines(): void {
    while (this.peek()?.kind === 'line') this.at++;
  }

  /** Past line breaks and semicolons. */
  skipEnds(): void {
    while (this.peek()?.kind === 'line' || this.peek()?.kind === 'end') this.at++;
  }

  /** The statement is over: a semicolon, a line break, the end of the block or of the text. */
  atEnd(): boolean {
    const token = this.peek();
    return token === undefined || token.kind === 'end' || token.kind === 'line' || this.is('}');
  }

  /** The error of what stands here instead of `expected`. */
  wrong(expected: string, hint?: string): NftSyntaxError {
    const token = this.peek();
    const found =
      token === undefined ? 'the end of the text' : token.kind === 'line' ? 'the end of the line' : `"${token.text}"`;
    return new NftSyntaxError(`expected ${expected}, found ${found}`, token, hint);
  }
}
