/** Rates such as `10/min`, as limit and hashlimit take them: kept as the time between two packets in units of 1/scale s. */

const SECONDS = [
  ['day', 86400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
] as const;
const WORDS = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
] as const;

type Rate = {
  /** Time between two packets, in units of 1/scale second. */ readonly period: number /** Seconds of the unit it was given in. */;
  readonly unit: number;
};

/** parse_rate() of libxt_limit and libxt_hashlimit; a unit may be cut short (`5/s`). undefined: no rate, or one too fast to keep. */
export function parseRate(text: string, scale: number): Rate | undefined {
  const found = /^(\d{1,10})(?:\/([a-z]+))?$/i.exec(text);
  if (found === null) return undefined;
  const [, digits = '', word] = found;
  const unit = word === undefined ? 1 : WORDS.find(([name]) => name.startsWith(word.toLowerCase()))?.[1];
  const number = Number(digits);
  if (unit === undefined || number === 0) return undefined;
  const period = Math.floor((scale * unit) / number);
  return period === 0 ? undefined : { period, unit };
}

/** print_rate(): the largest unit in which the rate is a whole number, or nearly so. */
export function printRate(
  period: number,
  scale: number,
): { readonly text: string /** Seconds of the unit it is printed in. */; readonly unit: number } {
  let chosen = 0;
  while (chosen + 1 < SECONDS.length) {
    const whole = scale * (SECONDS[chosen + 1]?.[1] ?? 1);
    if (period > whole || Math.floor(whole / period) < whole % period) break;
    chosen++;
  }
  const [name, unit] = SECONDS[chosen] ?? ['sec', 1];
  return { text: `${Math.floor((scale * unit) / period)}/${name}`, unit };
}

/** A token bucket: starts full, and holds `burst` packets of `period` milliseconds each. */
export type Bucket = { credit: number; at: number };

/** Takes one packet's worth out of the bucket if it is there. */
export function takeToken(bucket: Bucket, now: number, cost: number, cap: number): boolean {
  bucket.credit = Math.min(cap, bucket.credit + (now - bucket.at));
  bucket.at = now;
  if (bucket.credit < cost) return false;
  bucket.credit -= cost;
  return true;
}
