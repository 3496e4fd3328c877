/** Rates in bytes (`512kb/s`) of hashlimit: the kernel keeps the cost of 16 bytes, 2^32 being one second's worth. */
import { quote } from '../../../lib/quote.ts';

const SHIFT = 4;
const WHOLE = 4294967295;
const UNITS = [
  ['m', 1024 * 1024],
  ['k', 1024],
  ['', 1],
] as const;

/** `burst` counts multiples of the rate; 0 stands for none. */
export type ByteRate = { readonly cost: number; readonly burst: number };

const factorOf = (letter: string): number => UNITS.find(([name]) => name === letter)?.[1] ?? 1;

function costToBytes(cost: number): number {
  return (Math.floor(WHOLE / cost) - 1) * 2 ** SHIFT;
}

function bytesToCost(bytes: number): number {
  return Math.floor(WHOLE / (Math.floor(bytes / 2 ** SHIFT) + 1));
}

/** parse_bytes(): the cost, or undefined for what is no rate in bytes. */
export function parseByteRate(text: string): number | undefined {
  const found = /^(\d{1,10})([km]?)b\/s(?:ec(?:ond)?)?$/.exec(text);
  const bytes = Number(found?.[1] ?? 0) * factorOf(found?.[2] ?? '');
  if (bytes === 0 || bytes > 2 ** 36) return undefined;
  return bytesToCost(bytes);
}

/** The burst as a multiple of the rate, rounded up; or what is wrong with it. */
export function parseBurstBytes(text: string, cost: number): number | string {
  const found = /^(\d{1,10})([km]?)b?$/.exec(text);
  if (found === null) return `${quote(text)} is not a burst`;
  const bytes = Number(found[1]) * factorOf(found[2] ?? '');
  const rate = costToBytes(cost);
  if (bytes < rate || rate === 0) return `the burst cannot be smaller than ${rate}b`;
  return Math.ceil(bytes / rate);
}

/** print_bytes(): `512kb/s`, and the burst in the largest unit that it reaches. */
export function printByteRate({ cost, burst }: ByteRate): string {
  const rate = costToBytes(cost);
  const [rateName, rateUnit] =
    UNITS.find(([, unit]) => rate >= unit && bytesToCost(Math.floor(rate / unit) * unit) === cost) ?? UNITS[2];
  const text = `${Math.floor(rate / rateUnit)}${rateName}b/s`;
  if (burst === 0) return text;
  const total = rate * burst;
  const [name, unit] = UNITS.find(([, u]) => total >= u) ?? UNITS[2];
  return `${text} --hashlimit-burst ${Math.floor(total / unit)}${name}b`;
}

/** hashlimit_byte_cost(): milliseconds of the rate that a packet uses up; begun units of 16 bytes count as whole, and one more. */
export function byteCost({ cost }: ByteRate, length: number): number {
  const units = Math.floor(length / 2 ** SHIFT) + 1;
  return (units * cost * 1000) / WHOLE;
}
