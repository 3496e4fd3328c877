import { quote } from '../../../lib/quote.ts';
import { printIp } from '../../../net/address.ts';
import { type Packet, portsOf } from '../../../net/packet.ts';
import { maskIp } from '../../../net/prefix.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badName, badValue, type Given, numberOf, parseNumber, type Use, wordOf } from '../options.ts';
import { StateSlot } from '../state.ts';
import { type ByteRate, byteCost, parseBurstBytes, parseByteRate, printByteRate } from './byte-rate.ts';
import { defineOptionMatch } from './option-match.ts';
import { type Bucket, parseRate, printRate, takeToken } from './rate.ts';

/** In the order in which iptables-save prints them. */
const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;
type Mode = (typeof MODES)[number];

type HashlimitSpec = {
  readonly above: boolean;
  readonly rate:
    | {
        readonly kind: 'packets' /** Millionths of a second between two packets. */;
        readonly period: number;
        readonly burst: number;
      }
    | ({ readonly kind: 'bytes' } & ByteRate);
  readonly modes: readonly Mode[];
  readonly name: string;
  readonly tableSize: number;
  readonly tableMax: number;
  readonly gcInterval: number;
  readonly expire: number;
  readonly srcBits: number;
  readonly dstBits: number;
  readonly rateMatch?: { readonly interval: number } | undefined;
};

/** XT_HASHLIMIT_SCALE_v2, XT_HASHLIMIT_BURST, XT_HASHLIMIT_BURST_MAX, XT_HASHLIMIT_GCINTERVAL (milliseconds) */
const SCALE = 1_000_000;
const DEFAULT_BURST = 5;
const MOST_BURST = 1_000_000;
const DEFAULT_GC = 1000;
/** Seconds: XT_HASHLIMIT_BYTE_EXPIRE and, with a burst, XT_HASHLIMIT_BYTE_EXPIRE_BURST. */
const BYTE_EXPIRE = 15;
const BYTE_EXPIRE_BURST = 60;
const MOST = 4294967295;

type Name =
  | '--hashlimit-upto'
  | '--hashlimit-above'
  | '--hashlimit-burst'
  | '--hashlimit-mode'
  | '--hashlimit-name'
  | '--hashlimit-srcmask'
  | '--hashlimit-dstmask'
  | '--hashlimit-htable-size'
  | '--hashlimit-htable-max'
  | '--hashlimit-htable-expire'
  | '--hashlimit-htable-gcinterval'
  | '--hashlimit-rate-match'
  | '--hashlimit-rate-interval';

function read(given: Given<Name>, family: 4 | 6, at: number): HashlimitSpec {
  const [upto, above, name] = [
    given.get('--hashlimit-upto'),
    given.get('--hashlimit-above'),
    given.get('--hashlimit-name'),
  ];
  const limit = upto ?? above;
  if (limit === undefined)
    throw new ArgumentError('the hashlimit match needs --hashlimit-upto or --hashlimit-above', at);
  if (upto !== undefined && above !== undefined)
    throw badValue(above, '--hashlimit-upto and --hashlimit-above exclude each other');
  if (name === undefined) throw new ArgumentError('the hashlimit match needs --hashlimit-name', at);
  if (!/^[^\s/"'\\\p{C}]{1,255}$/u.test(wordOf(name)))
    throw badValue(name, `${quote(wordOf(name))} is not the name of a hashlimit table`);
  const { rate, unit } = readRate(limit, given.get('--hashlimit-burst'));
  const number = (option: Name, otherwise: number, last = MOST): number => {
    const use = given.get(option);
    return use === undefined ? otherwise : numberOf(use, 0, last);
  };
  const width = family === 4 ? 32 : 128;
  const rateMatch = given.has('--hashlimit-rate-match');
  const interval = given.get('--hashlimit-rate-interval');
  const period = rate.kind === 'packets' && rateMatch ? { ...rate, period: Math.floor(rate.period / unit) } : rate;
  return {
    above: (above !== undefined) !== limit.not,
    rate: period,
    modes: readModes(given.get('--hashlimit-mode')),
    name: wordOf(name),
    tableSize: number('--hashlimit-htable-size', 0),
    tableMax: number('--hashlimit-htable-max', 0),
    gcInterval: number('--hashlimit-htable-gcinterval', DEFAULT_GC),
    expire: number('--hashlimit-htable-expire', unit * 1000),
    srcBits: number('--hashlimit-srcmask', width, width),
    dstBits: number('--hashlimit-dstmask', width, width),
    rateMatch: rateMatch
      ? { interval: interval === undefined ? (rate.kind === 'bytes' ? 1 : unit) : numberOf(interval, 1, MOST) }
      : undefined,
  };
}

/** The rate, and the seconds for which a bucket is kept by default. */
function readRate(limit: Use, burst: Use | undefined): { readonly rate: HashlimitSpec['rate']; readonly unit: number } {
  const text = wordOf(limit);
  const bytes = parseByteRate(text);
  if (bytes !== undefined) {
    if (burst === undefined) return { rate: { kind: 'bytes', cost: bytes, burst: 0 }, unit: BYTE_EXPIRE };
    const units = parseBurstBytes(wordOf(burst), bytes);
    if (typeof units === 'string') throw badValue(burst, units);
    return { rate: { kind: 'bytes', cost: bytes, burst: units }, unit: BYTE_EXPIRE_BURST };
  }
  const packets = parseRate(text, SCALE);
  if (packets === undefined) throw badValue(limit, `${quote(text)} is not a rate`, 'such as 5/sec, 10/min, 512kb/s');
  const number = burst === undefined ? DEFAULT_BURST : parseNumber(wordOf(burst));
  if (burst !== undefined && (number === undefined || number < 1 || number > MOST_BURST))
    throw badValue(burst, `${quote(wordOf(burst))} is not a burst from 1 to ${MOST_BURST}`);
  return { rate: { kind: 'packets', period: packets.period, burst: number ?? DEFAULT_BURST }, unit: packets.unit };
}

function readModes(use: Use | undefined): readonly Mode[] {
  if (use === undefined) return [];
  const names = wordOf(use).split(/[,|]/);
  for (const name of names) if (!MODES.some((mode) => mode === name)) throw badName(use, 'mode', name, MODES);
  return MODES.filter((mode) => names.includes(mode));
}

/** hashlimit_mt_save() of libxt_hashlimit */
function print(spec: HashlimitSpec, family: 4 | 6): string {
  const { rate, rateMatch } = spec;
  const width = family === 4 ? 32 : 128;
  const printed = rate.kind === 'packets' ? printRate(rate.period, SCALE) : undefined;
  const expire = (printed?.unit ?? (rate.burst === 0 ? BYTE_EXPIRE : BYTE_EXPIRE_BURST)) * 1000;
  const number = (option: string, value: number, otherwise: number): readonly string[] =>
    value === otherwise ? [] : [`--hashlimit-${option} ${value}`];
  return [
    `--hashlimit-${spec.above ? 'above' : 'upto'}`,
    rate.kind === 'bytes' ? printByteRate(rate) : `${printed?.text ?? ''} --hashlimit-burst ${rate.burst}`,
    ...(spec.modes.length === 0 ? [] : [`--hashlimit-mode ${spec.modes.join(',')}`]),
    `--hashlimit-name ${spec.name}`,
    ...number('htable-size', spec.tableSize, 0),
    ...number('htable-max', spec.tableMax, 0),
    ...number('htable-gcinterval', spec.gcInterval, DEFAULT_GC),
    ...number('htable-expire', spec.expire, expire),
    ...number('srcmask', spec.srcBits, width),
    ...number('dstmask', spec.dstBits, width),
    ...(rateMatch === undefined ? [] : ['--hashlimit-rate-match', ...number('rate-interval', rateMatch.interval, 1)]),
  ].join(' ');
}

/** Buckets by the flow's key; tables of one name are one table (htable_find_get()). */
const tables = new StateSlot<Map<string, Bucket>>(() => new Map());

function keyOf({ modes, srcBits, dstBits }: HashlimitSpec, packet: Packet): string {
  const ports = portsOf(packet);
  const parts: Readonly<Record<Mode, () => string>> = {
    srcip: () => printIp(maskIp(packet.src, srcBits)),
    dstip: () => printIp(maskIp(packet.dst, dstBits)),
    srcport: () => String(ports?.sport ?? 0),
    dstport: () => String(ports?.dport ?? 0),
  };
  return modes.map((mode) => parts[mode]()).join(' ');
}

/** hashlimit_mt_common() */
function test(spec: HashlimitSpec, env: MatchEnv): boolean {
  // Rates measured over an interval depend on traffic that is not modelled.
  if (spec.rateMatch !== undefined)
    return env.chance({ kind: 'unknown', what: `the rate that hashlimit ${spec.name} measures` });
  const table = env.state.get(tables, spec.name);
  const key = keyOf(spec, env.packet);
  const { rate } = spec;
  // In milliseconds of credit: what a packet costs, and how much may be saved up.
  const cost = rate.kind === 'packets' ? rate.period / (SCALE / 1000) : byteCost(rate, env.packet.length);
  const cap = rate.kind === 'packets' ? cost * rate.burst : 1000 * (1 + rate.burst);
  let bucket = table.get(key);
  if (bucket === undefined || env.now - bucket.at > spec.expire) {
    bucket = { credit: cap, at: env.now };
    table.set(key, bucket);
  }
  return takeToken(bucket, env.now, cost, cap) !== spec.above;
}

export const hashlimit = defineOptionMatch({
  name: 'hashlimit',
  kernel: 'net/netfilter/xt_hashlimit.c',
  volatile: true,
  options: [
    { name: '--hashlimit-upto', also: ['--hashlimit'], not: true },
    { name: '--hashlimit-above', not: true },
    { name: '--hashlimit-burst' },
    { name: '--hashlimit-mode' },
    { name: '--hashlimit-name' },
    { name: '--hashlimit-srcmask' },
    { name: '--hashlimit-dstmask' },
    { name: '--hashlimit-htable-size' },
    { name: '--hashlimit-htable-max' },
    { name: '--hashlimit-htable-expire' },
    { name: '--hashlimit-htable-gcinterval' },
    { name: '--hashlimit-rate-match', words: 0 },
    { name: '--hashlimit-rate-interval' },
  ],
  read: (given, context, at): HashlimitSpec => read(given, context.family, at),
  print,
  test,
});
