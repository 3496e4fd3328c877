import { ArgumentError } from '../arguments.ts';
import { badValue, numberOf, wordOf } from '../options.ts';
import { StateSlot } from '../state.ts';
import { defineOptionMatch } from './option-match.ts';
import { type Bucket, parseRate, printRate, takeToken } from './rate.ts';

export type LimitSpec = {
  /** Ten-thousandths of a second between two packets. */ readonly period: number;
  readonly burst: number;
};

/** XT_LIMIT_SCALE, and what libxt_limit starts with: 3/hour, burst 5. */
const SCALE = 10_000;
const DEFAULT_PERIOD = (3600 * SCALE) / 3;
const DEFAULT_BURST = 5;

/** HZ * CREDITS_PER_JIFFY / 1000, the same for HZ=250 and HZ=1000. */
const CREDITS_PER_MILLISECOND = 32;

/** user2credits(): in 32 bits, overflow included. */
function credits(period: number): number {
  const user = period % 2 ** 32;
  const perSecond = CREDITS_PER_MILLISECOND * 1000;
  const value =
    user > Math.floor(0xffffffff / perSecond)
      ? Math.floor(user / SCALE) * perSecond
      : Math.floor((user * perSecond) / SCALE);
  return value % 2 ** 32;
}

const buckets = new StateSlot<{ bucket: Bucket | undefined }>(() => ({ bucket: undefined }));

/** limit_mt() */
export const limit = defineOptionMatch({
  name: 'limit',
  kernel: 'net/netfilter/xt_limit.c',
  volatile: true,
  options: [{ name: '--limit' }, { name: '--limit-burst' }],
  read: (given, _context, at): LimitSpec => {
    const [rate, burst] = [given.get('--limit'), given.get('--limit-burst')];
    const period = rate === undefined ? DEFAULT_PERIOD : parseRate(wordOf(rate), SCALE)?.period;
    if (rate !== undefined && period === undefined)
      throw badValue(
        rate,
        `"${wordOf(rate)}" is not a rate`,
        'such as 5/sec, 10/min, 3/hour or 1/day, at most 10000/sec',
      );
    const spec = {
      period: period ?? DEFAULT_PERIOD,
      burst: burst === undefined ? DEFAULT_BURST : numberOf(burst, 1, 10_000),
    };
    // limit_mt_check(): "Overflow, try lower"
    if (credits(spec.period * spec.burst) < credits(spec.period))
      throw new ArgumentError(
        'rate and burst together are too large for the kernel',
        rate?.at ?? at,
        'a lower --limit-burst or a faster rate',
      );
    return spec;
  },
  print: ({ period, burst }) =>
    `--limit ${printRate(period, SCALE).text}${burst === DEFAULT_BURST ? '' : ` --limit-burst ${burst}`}`,
  test: (spec, env) => {
    const slot = env.state.get(buckets, spec);
    const [cost, cap] = [
      credits(spec.period) / CREDITS_PER_MILLISECOND,
      credits(spec.period * spec.burst) / CREDITS_PER_MILLISECOND,
    ];
    slot.bucket ??= { credit: cap, at: env.now };
    return takeToken(slot.bucket, env.now, cost, cap);
  },
});
