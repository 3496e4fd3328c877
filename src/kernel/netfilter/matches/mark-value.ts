/** `value[/mask]` of 32-bit marks, as mark and connmark take it (libxtables XTTYPE_MARKMASK32). */
import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import { badValue, parseNumber, printNot, type Use, wordOf } from '../options.ts';

/** `(mark & mask) == value`. */
export type MarkSpec = { readonly not: boolean; readonly value: number; readonly mask: number };

const ALL = 0xffffffff;

/** Throws ArgumentError where there is no mark, or none of 32 bits. */
export function readMark(use: Use | undefined, name: string, at: number): MarkSpec {
  if (use === undefined) throw new ArgumentError(`the ${name} match needs --mark`, at);
  const [left = '', right, ...more] = wordOf(use).split('/');
  const value = parseNumber(left);
  const mask = right === undefined ? ALL : parseNumber(right);
  if (value === undefined || mask === undefined || value > ALL || mask > ALL || more.length > 0) {
    throw badValue(use, `${quote(wordOf(use))} is not a mark`, 'value or value/mask, each from 0 to 0xffffffff');
  }
  return { not: use.not, value, mask };
}

/** The mask only where it is not all ones. */
export function printMark({ not, value, mask }: MarkSpec): string {
  return `${printNot(not)}--mark 0x${value.toString(16)}${mask === ALL ? '' : `/0x${mask.toString(16)}`}`;
}

/** mark_mt(): a value with bits outside the mask never matches. */
export function testMark({ not, value, mask }: MarkSpec, mark: number): boolean {
  return ((mark & mask) >>> 0 === value) !== not;
}
