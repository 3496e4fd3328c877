/** The options of one target, as getopt_long() reads them for iptables: exact, `--name=value`, or a unique beginning. */
import type { ArgumentError, ArgumentReader } from '../arguments.ts';
import { parseNumber } from '../options.ts';

/** How many words follow each option. */
export type OptionTable = Readonly<Record<string, 0 | 1 | 2>>;

type Given = { readonly words: readonly string[]; readonly at: number };

/** The target's options that stood in the rule. All accessors throw ArgumentError at the option's place. */
export class Options {
  readonly #given: ReadonlyMap<string, Given>;
  readonly #reader: ArgumentReader;
  readonly #target: string;

  constructor(reader: ArgumentReader, target: string, given: ReadonlyMap<string, Given>) {
    this.#given = given;
    this.#reader = reader;
    this.#target = target;
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  word(name: string, index = 0): string | undefined {
    return this.#given.get(name)?.words[index];
  }

  /** The word of an option that the target cannot do without. */
  required(name: string): string {
    const word = this.word(name);
    if (word === undefined) throw this.error(undefined, `${this.#target} needs ${name}`);
    return word;
  }

  /** A number in C notation (10, 0x1f, 017) between the limits; undefined when the option is not there. */
  number(name: string, min: number, max: number): number | undefined {
    const word = this.word(name);
    if (word === undefined) return undefined;
    const value = parseNumber(word);
    if (value === undefined || value < min || value > max) {
      throw this.error(name, `${name} takes a number from ${min} to ${max}, not "${word}"`);
    }
    return value;
  }

  /** The one of these options that was given; several together are an error. */
  oneOf<N extends string>(...names: readonly N[]): N | undefined {
    const present = names.filter((name) => this.has(name));
    const [first, second] = present;
    if (second !== undefined) throw this.error(second, `${first} and ${second} exclude each other`);
    return first;
  }

  /** Like oneOf(), and one must be there. */
  exactlyOneOf<N extends string>(...names: readonly N[]): N {
    const name = this.oneOf(...names);
    if (name === undefined) throw this.error(undefined, `${this.#target} needs one of ${names.join(', ')}`);
    return name;
  }

  /** An error at the word of the option, or at the end of the target's words. */
  error(name: string | undefined, message: string, hint?: string): ArgumentError {
    const at = name === undefined ? undefined : this.#given.get(name)?.at;
    return at === undefined ? this.#reader.error(message, hint) : this.#reader.error(message, hint, at);
  }
}

/** Takes the target's own options, in any order and each once, and stops at the first word that is none of them. */
export function readOptions(reader: ArgumentReader, target: string, table: OptionTable): Options {
  const given = new Map<string, Given>();
  for (;;) {
    const word = reader.peek();
    const equals = word?.startsWith('--') ? word.indexOf('=') : -1;
    const name = word === undefined ? undefined : findOption(reader, table, equals < 0 ? word : word.slice(0, equals));
    if (word === undefined || name === undefined) break;
    reader.next();
    if (given.has(name)) throw reader.error(`${target}: ${name} may stand only once`);
    const count = table[name] ?? 0;
    const words = equals < 0 ? [] : [word.slice(equals + 1)];
    if (words.length > count) throw reader.error(`${target}: ${name} takes no value`);
    while (words.length < count) words.push(reader.next(`a value for ${name}`));
    given.set(name, { words, at: Math.max(0, reader.position - 1) });
  }
  return new Options(reader, target, given);
}

function findOption(reader: ArgumentReader, table: OptionTable, word: string): string | undefined {
  if (Object.hasOwn(table, word)) return word;
  if (!/^--[a-z]/.test(word)) return undefined;
  const names = Object.keys(table).filter((name) => name.startsWith(word));
  if (names.length > 1) throw reader.error(`"${word}" may mean ${names.join(' or ')}`, undefined, reader.position);
  return names[0];
}

/** `VALUE` or `VALUE/MASK`; a missing mask is undefined. */
export function parseMarkMask(
  options: Options,
  name: string,
): { readonly value: number; readonly mask: number | undefined } {
  const word = options.required(name);
  const [first = '', second, ...more] = word.split('/');
  const value = parseNumber(first);
  const mask = second === undefined ? undefined : parseNumber(second);
  const fits = (number: number | undefined): boolean => number !== undefined && number <= 0xffffffff;
  if (value === undefined || !fits(value) || (second !== undefined && !fits(mask)) || more.length > 0) {
    throw options.error(name, `${name} takes VALUE or VALUE/MASK of at most 32 bits, not "${word}"`);
  }
  return { value, mask };
}

/** `0x1f`, without leading zeros. */
export function printHex(value: number): string {
  return `0x${value.toString(16)}`;
}
