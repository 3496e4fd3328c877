/** Reads Calico's selector language (libcalico-go/lib/selector/parser and tokenizer). */
import { quote } from '../../lib/quote.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import type { Selector } from './selector.ts';

/** Deeper nesting than any real selector; it bounds the recursion. */
const MAX_DEPTH = 100;

/** `app == 'web' && !has(old) || role in {'a', "b"}`; the empty text selects everything. */
export function parseSelector(text: string): Result<Selector> {
  const reader = new SelectorReader(text);
  try {
    return ok(reader.read());
  } catch (error) {
    if (error instanceof SelectorError)
      return fail(issue('invalid-selector', `selector ${quote(text)}: ${error.message}`));
    throw error;
  }
}

class SelectorError extends Error {}

class SelectorReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Selector {
    if (/^[ \t]*$/.test(this.#text)) return { kind: 'all' };
    const selector = this.#or();
    this.#take(/[ \t]*/y);
    if (this.#at < this.#text.length) throw this.#expected('&& or ||');
    return selector;
  }

  #or(): Selector {
    this.#descend(1);
    const selector = this.#operands('or', /\|\|/y, () => this.#operands('and', /&&/y, () => this.#unary()));
    this.#depth--;
    return selector;
  }

  #descend(levels: number): void {
    this.#depth += levels;
    if (this.#depth > MAX_DEPTH) throw new SelectorError('it is nested too deeply');
  }

  #operands(kind: 'and' | 'or', operator: RegExp, operand: () => Selector): Selector {
    const first = operand();
    const operands = [first];
    while (this.#token(operator) !== undefined) operands.push(operand());
    return operands.length === 1 ? first : { kind, operands };
  }

  #unary(): Selector {
    let negations = 0;
    while (this.#token(/!(?!=)/y) !== undefined) negations++;
    this.#descend(negations);
    let selector = this.#primary();
    this.#depth -= negations;
    for (; negations > 0; negations--) selector = { kind: 'not', operand: selector };
    return selector;
  }

  #primary(): Selector {
    if (this.#token(/\(/y) !== undefined) {
      const inner = this.#or();
      this.#need(/\)/y, 'a closing parenthesis');
      return inner;
    }
    if (this.#token(/all\([ \t]*\)/y) !== undefined) return { kind: 'all' };
    if (this.#token(/global\([ \t]*\)/y) !== undefined) return { kind: 'global' };
    if (this.#token(/has\(/y) !== undefined) {
      const label = this.#label();
      this.#need(/\)/y, 'a closing parenthesis');
      return { kind: 'has', label };
    }
    return this.#comparison(this.#label());
  }

  #comparison(label: string): Selector {
    for (const [kind, operator] of COMPARISONS) {
      if (this.#token(operator) !== undefined) return { kind, label, value: this.#string() };
    }
    for (const [kind, operator] of MEMBERSHIPS) {
      if (this.#token(operator) !== undefined) return { kind, label, values: this.#set() };
    }
    throw this.#expected('an operator such as ==, !=, in, not in, contains');
  }

  #set(): readonly string[] {
    this.#need(/\{/y, '{');
    const values: string[] = [];
    while (this.#token(/\}/y) === undefined) {
      values.push(this.#string());
      if (this.#token(/,/y) !== undefined) continue;
      this.#need(/\}/y, ', or }');
      break;
    }
    return values;
  }

  #label(): string {
    return this.#need(/[A-Za-z0-9_./-]{1,512}/y, 'a label');
  }

  #string(): string {
    return this.#need(/"[^"]*"|'[^']*'/y, 'a quoted string').slice(1, -1);
  }

  #need(pattern: RegExp, what: string): string {
    const found = this.#token(pattern);
    if (found === undefined) throw this.#expected(what);
    return found;
  }

  #token(pattern: RegExp): string | undefined {
    const start = this.#at;
    this.#take(/[ \t]*/y);
    const found = this.#take(pattern);
    if (found === undefined) this.#at = start;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #expected(what: string): SelectorError {
    this.#take(/[ \t]*/y);
    return new SelectorError(`expected ${what} at character ${this.#at + 1}`);
  }
}

const COMPARISONS = [
  ['equal', /==/y],
  ['not-equal', /!=/y],
  ['contains', /contains(?![A-Za-z0-9_./-])/y],
  ['starts-with', /starts[ \t]*with(?![A-Za-z0-9_./-])/y],
  ['ends-with', /ends[ \t]*with(?![A-Za-z0-9_./-])/y],
] as const;

const MEMBERSHIPS = [
  ['in', /in(?![A-Za-z0-9_./-])/y],
  ['not-in', /not[ \t]*in(?![A-Za-z0-9_./-])/y],
] as const;
