import { complement, type Fraction, fraction } from '../../../lib/fraction.ts';
import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import { badName, badValue, type Given, numberOf, printNot, wordOf } from '../options.ts';
import { StateSlot } from '../state.ts';
import { defineOptionMatch } from './option-match.ts';

type StatisticSpec =
  /** `stored` is what the kernel keeps: the probability times 2^31, rounded. */
  | { readonly mode: 'random'; readonly not: boolean; readonly stored: number }
  | { readonly mode: 'nth'; readonly not: boolean; readonly every: number; readonly packet: number };

const SCALE = 2 ** 31;
const MOST = 4294967295;

type Name = '--mode' | '--probability' | '--every' | '--packet';

function read(given: Given<Name>, at: number): StatisticSpec {
  const mode = given.get('--mode');
  if (mode === undefined) throw new ArgumentError('the statistic match needs --mode random or --mode nth', at);
  switch (wordOf(mode)) {
    case 'random': {
      const use = given.get('--probability');
      if (use === undefined) throw new ArgumentError('--mode random needs --probability', at);
      const text = wordOf(use);
      const probability = /^(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
      if (!(probability >= 0 && probability <= 1))
        throw badValue(use, `${quote(text)} is not a probability from 0 to 1`);
      const stray = given.get('--every') ?? given.get('--packet');
      if (stray !== undefined) throw badValue(stray, '--every and --packet belong to --mode nth');
      // libxt_statistic stores lround(0x80000000 * p).
      return { mode: 'random', not: use.not, stored: Math.round(probability * SCALE) };
    }
    case 'nth': {
      const [every, packet] = [given.get('--every'), given.get('--packet')];
      if (every === undefined || packet === undefined)
        throw new ArgumentError('--mode nth needs --every and --packet', at);
      const stray = given.get('--probability');
      if (stray !== undefined) throw badValue(stray, '--probability belongs to --mode random');
      const n = numberOf(every, 1, MOST);
      return { mode: 'nth', not: every.not, every: n, packet: numberOf(packet, 0, n - 1) };
    }
    default:
      throw badName(mode, 'mode', wordOf(mode), ['random', 'nth']);
  }
}

/**
 * The chance that the match fires. The kernel compares 31 random bits with the stored number, so 1/3 is really
 * 715827883/2147483648. Where the stored number is the one nearest to 1/n, 1/n is what its writer meant, and a chain of
 * 1/n, 1/(n-1) … 1/2 shall give each of n ways exactly 1/n. (Ten decimals, as kube-proxy writes them, may round to a
 * neighbour of that number; it counts as well.)
 */
export function probabilityOf(stored: number): Fraction {
  const n = Math.round(SCALE / stored);
  if (
    n >= 1 &&
    Number.isFinite(n) &&
    (stored === Math.round(SCALE / n) || stored === Math.round(SCALE * Number((1 / n).toFixed(10))))
  )
    return fraction(1, n);
  return fraction(stored, SCALE);
}

/** printf("%.11f"), which rounds ties to even where toFixed() rounds them up. */
function printProbability(stored: number): string {
  const scaled = BigInt(stored) * 10n ** 11n;
  const unit = BigInt(SCALE);
  const [whole, rest] = [scaled / unit, (scaled % unit) * 2n];
  const up = rest > unit || (rest === unit && whole % 2n === 1n);
  const digits = String(up ? whole + 1n : whole).padStart(12, '0');
  return `${digits.slice(0, -11)}.${digits.slice(-11)}`;
}

/** Packets counted by each rule of --mode nth (struct xt_statistic_priv). */
const counters = new StateSlot<{ count: number | undefined }>(() => ({ count: undefined }));

/** statistic_mt() */
export const statistic = defineOptionMatch({
  name: 'statistic',
  kernel: 'net/netfilter/xt_statistic.c',
  volatile: true,
  options: [
    { name: '--mode' },
    { name: '--probability', not: true },
    { name: '--every', not: true },
    { name: '--packet' },
  ],
  read: (given, _context, at): StatisticSpec => read(given, at),
  print: (spec) =>
    spec.mode === 'random'
      ? `--mode random ${printNot(spec.not)}--probability ${printProbability(spec.stored)}`
      : `--mode nth ${printNot(spec.not)}--every ${spec.every} --packet ${spec.packet}`,
  test: (spec, env) => {
    if (spec.mode === 'random') {
      const fires = probabilityOf(spec.stored);
      const probability = spec.not ? complement(fires) : fires;
      return env.chance({
        kind: 'random',
        what: `statistic --probability ${printProbability(spec.stored)}`,
        probability,
      });
    }
    const counter = env.state.get(counters, spec);
    const before = counter.count ?? spec.every - 1 - spec.packet;
    counter.count = before === spec.every - 1 ? 0 : before + 1;
    return (counter.count === 0) !== spec.not;
  },
});
