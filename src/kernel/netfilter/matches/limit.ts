import { quote } from '../../../lib/quote.ts';
import { badValue, numberOf, wordOf } from '../options.ts';
import { StateSlot } from '../state.ts';
import { defineOptionMatch } from './option-match.ts';
import { type Bucket, parseRate, printRate, takeToken } from './rate.ts';

type LimitSpec = {
  /** Ten-thousandths of a second between two packets. */ readonly period: number;
  readonly burst: number;
};

/** XT_LIMIT_SCALE, and what libxt_limit starts with: 3/hour, burst 5. */
const SCALE = 10_000;
const DEFAULT_PERIOD = (3600 * SCALE) / 3;
const DEFAULT_BURST = 5;

const buckets = new StateSlot<{ bucket: Bucket | undefined }>(() => ({ bucket: undefined }));

/**
 * limit_mt(), without its overflows: limit_mt_check() refuses slow rates with large bursts (1/day), which iptables-nft
 * takes, because nf_tables counts in 64 bits.
 */
export const limit = defineOptionMatch({
  name: 'limit',
  kernel: 'net/netfilter/xt_limit.c',
  volatile: true,
  options: [{ name: '--limit' }, { name: '--limit-burst' }],
  read: (given): LimitSpec => {
    const [rate, burst] = [given.get('--limit'), given.get('--limit-burst')];
    const period = rate === undefined ? DEFAULT_PERIOD : parseRate(wordOf(rate), SCALE)?.period;
    if (rate !== undefined && period === undefined)
      throw badValue(
        rate,
        `${quote(wordOf(rate))} is not a rate`,
        'such as 5/sec, 10/min, 3/hour or 1/day, at most 10000/sec',
      );
    return {
      period: period ?? DEFAULT_PERIOD,
      burst: burst === undefined ? DEFAULT_BURST : numberOf(burst, 1, 10_000),
    };
  },
  print: ({ period, burst }) =>
    `--limit ${printRate(period, SCALE).text}${burst === DEFAULT_BURST ? '' : ` --limit-burst ${burst}`}`,
  test: (spec, env) => {
    const slot = env.state.get(buckets, spec);
    const cost = spec.period / (SCALE / 1000);
    const cap = cost * spec.burst;
    slot.bucket ??= { credit: cap, at: env.now };
    return takeToken(slot.bucket, env.now, cost, cap);
  },
});
