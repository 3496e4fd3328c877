import { parseNumber as parseAnyNumber } from '../options.ts';

/** An unsigned number in C notation, at most `max`; ipset's own limit is 32 bits. */
export function parseNumber(text: string, max = 0xffffffff): number | undefined {
  const value = parseAnyNumber(text);
  return value === undefined || value > max ? undefined : value;
}
