/** The words of one iptables rule, read from left to right. */

/** A word that does not fit; `at` is its index, for the column in an error message. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
  readonly at: number;
  readonly hint: string | undefined;

  constructor(message: string, at: number, hint?: string) {
    super(message);
    this.at = at;
    this.hint = hint;
  }
}

export class ArgumentReader {
  readonly #words: readonly string[];
  #position = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get position(): number {
    return this.#position;
  }

  /** The next word, not taken; with an offset the ones behind it. */
  peek(offset = 0): string | undefined {
    return this.#words[this.#position + offset];
  }

  get done(): boolean {
    return this.#position >= this.#words.length;
  }

  /** Takes the next word. */
  next(what = 'a word'): string {
    const word = this.#words[this.#position];
    if (word === undefined) throw this.error(`expected ${what} at the end of the rule`);
    this.#position++;
    return word;
  }

  /** Takes a `!` and tells whether it stood there. It is taken only where the word behind it satisfies `before`. */
  takeNot(before: (word: string) => boolean = () => true): boolean {
    const following = this.peek(1);
    if (this.peek() !== '!' || following === undefined || !before(following)) return false;
    this.#position++;
    return true;
  }

  /** Takes the next word if it is one of these. */
  takeOneOf<W extends string>(...words: readonly W[]): W | undefined {
    const word = words.find((w) => w === this.peek());
    if (word !== undefined) this.#position++;
    return word;
  }

  /** An error at the word last taken, or at another place. */
  error(message: string, hint?: string, at = Math.max(0, this.#position - 1)): ArgumentError {
    return new ArgumentError(message, at, hint);
  }
}
