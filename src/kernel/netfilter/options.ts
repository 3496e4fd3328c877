/**
 * Options of a match, declared as a table. iptables takes the options of all loaded matches in any order and place, so
 * the words are first sorted to their owners (parse-rule.ts) and only then read.
 */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { ArgumentError, type ArgumentReader } from './arguments.ts';

/** How one option is written. */
export type OptionForm<N extends string> = {
  /** The spelling iptables-save prints. */
  readonly name: N;
  /** Other spellings: `--destination-port` for `--dport`. */
  readonly also?: readonly string[];
  /** Words behind it; 1 unless told otherwise. */
  readonly words?: 0 | 1 | 2;
  /** `!` may stand in front. */
  readonly not?: boolean;
};

/** One option as it stood in a rule. `at` is the index of its first value, or its own when it has none. */
export type Use = { readonly not: boolean; readonly words: readonly string[]; readonly at: number };

/** The options a rule gives to one match, by name. */
export type Given<N extends string> = Pick<ReadonlyMap<N, Use>, 'get' | 'has' | 'size'>;

/** Forms by every spelling. */
export type OptionTable = ReadonlyMap<string, OptionForm<string>>;

/** One entry for each spelling. */
export function optionTable(forms: readonly OptionForm<string>[]): OptionTable {
  return new Map(
    forms.flatMap((form) => [form.name, ...(form.also ?? [])].map((spelling) => [spelling, form] as const)),
  );
}

/**
 * Takes one option, with its `!` and its values, if the table has it. `--name=value` is one word (getopt_long()).
 * An option that was there before, or a `!` that it does not take, is an ArgumentError.
 */
export function takeOption(reader: ArgumentReader, table: OptionTable, given: Map<string, Use>): boolean {
  const spelled = reader.peek(reader.peek() === '!' ? 1 : 0);
  if (spelled === undefined) return false;
  const equals = spelled.startsWith('--') ? spelled.indexOf('=') : -1;
  const form = table.get(equals < 0 ? spelled : spelled.slice(0, equals));
  if (form === undefined) return false;
  const not = reader.takeNot();
  reader.next();
  if (not && form.not !== true) throw reader.error(`${form.name} takes no "!"`);
  if (given.has(form.name)) throw reader.error(`${form.name} is given twice`);
  const words = equals < 0 ? [] : [spelled.slice(equals + 1)];
  const at = reader.position - (equals < 0 && form.words !== 0 ? 0 : 1);
  while (words.length < (form.words ?? 1)) words.push(reader.next(`a value behind ${form.name}`));
  given.set(form.name, { not, words, at });
  return true;
}

/** The value of an option with one word. */
export function wordOf(use: Use): string {
  return use.words[0] ?? '';
}

/** An option that is not there is not inverted. */
export function isNot(use: Use | undefined): boolean {
  return use?.not ?? false;
}

/** `! ` or nothing, for printing. */
export function printNot(not: boolean): string {
  return not ? '! ' : '';
}

/** An error about the value of an option. */
export function badValue(use: Use, message: string, hint?: string): ArgumentError {
  return new ArgumentError(message, use.at, hint);
}

/** So many names are told where none is near. */
const SHOWN = 24;

/** An error about a name that is none of the valid ones. */
export function badName(use: Use, kind: string, name: string, valid: readonly string[]): ArgumentError {
  const near = nearest(name, valid);
  const some = valid.length > SHOWN ? `one of ${valid.slice(0, SHOWN).join(', ')} …` : `one of ${valid.join(', ')}`;
  return badValue(use, `unknown ${kind} ${quote(name)}`, near.length > 0 ? near.join(', ') : some);
}

/** A number as libxtables xtables_strtoui() takes it: decimal, 0x hexadecimal or 0 octal. */
export function parseNumber(text: string): number | undefined {
  if (/^0[0-7]{1,15}$/.test(text)) return Number.parseInt(text, 8);
  return /^(\d{1,15}|0x[0-9a-f]{1,12})$/i.test(text) && !/^0\d/.test(text) ? Number(text) : undefined;
}

/** The number behind an option, checked against its range. */
export function numberOf(use: Use, first: number, last: number): number {
  const number = parseNumber(wordOf(use));
  if (number === undefined || number < first || number > last) {
    throw badValue(use, `${quote(wordOf(use))} is not a number from ${first} to ${last}`);
  }
  return number;
}

/** `a` or `a:b` of numbers up to `most`; open ends where `open` says so. The ends are not compared: the kernel does that. */
export function numberRangeOf(
  use: Use,
  most: number,
  between = ':',
): { readonly first: number; readonly last: number } {
  const [left = '', right, ...more] = wordOf(use).split(between);
  const first = left === '' && right !== undefined ? 0 : parseNumber(left);
  const last = right === undefined ? first : right === '' ? most : parseNumber(right);
  if (first === undefined || last === undefined || first > most || last > most || more.length > 0) {
    throw badValue(use, `${quote(wordOf(use))} is not a number or range from 0 to ${most}`, `such as 10${between}20`);
  }
  return { first, last };
}
