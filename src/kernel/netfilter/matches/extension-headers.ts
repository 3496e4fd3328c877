/**
 * Matches of IPv6's extension headers. Packets here carry none but that of a fragment, so most of these never hold; they are
 * read and printed all the same.
 */
import { quote } from '../../../lib/quote.ts';
import { type Ip6, isIp6, parseIp, printIp } from '../../../net/address.ts';
import { badValue, numberOf, numberRangeOf, parseNumber, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type Range = { readonly not: boolean; readonly first: number; readonly last: number };
type Number_ = { readonly not: boolean; readonly value: number };

const MOST = 0xffffffff;
/** IP6T_RT_HOPS, IP6T_OPTS_OPTSNR */
const MOST_ENTRIES = 16;

function readRange(use: Use | undefined): Range | undefined {
  if (use === undefined) return undefined;
  const range = { not: use.not, ...numberRangeOf(use, MOST) };
  return range.first === 0 && range.last === MOST && !use.not ? undefined : range;
}

function readNumber(use: Use | undefined, most = MOST): Number_ | undefined {
  return use === undefined ? undefined : { not: use.not, value: numberOf(use, 0, most) };
}

function printRange(option: string, range: Range | undefined): readonly string[] {
  if (range === undefined) return [];
  const text = range.first === range.last ? String(range.first) : `${range.first}:${range.last}`;
  return [`${printNot(range.not)}${option} ${text}`];
}

function printNumber(option: string, number: Number_ | undefined): readonly string[] {
  return number === undefined ? [] : [`${printNot(number.not)}${option} ${number.value}`];
}

const FRAGMENT_FLAGS = ['--fragres', '--fragfirst', '--fragmore', '--fraglast'] as const;

type FragSpec = {
  readonly id: Range | undefined;
  readonly length: Number_ | undefined;
  readonly flags: readonly (typeof FRAGMENT_FLAGS)[number][];
};

/** frag_mt6(): the header's contents are not modelled, but that a later fragment is not the first. */
export const frag = defineOptionMatch({
  name: 'frag',
  kernel: 'net/ipv6/netfilter/ip6t_frag.c',
  family: 6,
  options: [
    { name: '--fragid', not: true },
    { name: '--fraglen', not: true },
    ...FRAGMENT_FLAGS.map((name) => ({ name, words: 0 as const })),
  ],
  read: (given): FragSpec => ({
    id: readRange(given.get('--fragid')),
    length: readNumber(given.get('--fraglen')),
    flags: FRAGMENT_FLAGS.filter((flag) => given.has(flag)),
  }),
  print: ({ id, length, flags }) =>
    [...printRange('--fragid', id), ...printNumber('--fraglen', length), ...flags].join(' '),
  test: ({ flags }, env) =>
    env.packet.laterFragment === true &&
    !flags.includes('--fragfirst') &&
    env.chance({ kind: 'unknown', what: 'the header of a fragment' }),
});

type RtSpec = {
  readonly type: Number_ | undefined;
  readonly left: Range | undefined;
  readonly length: Number_ | undefined;
  readonly reserved: boolean;
  readonly addresses: readonly Ip6[];
  readonly notStrict: boolean;
};

/** rt_mt6() */
export const rt = defineOptionMatch({
  name: 'rt',
  kernel: 'net/ipv6/netfilter/ip6t_rt.c',
  family: 6,
  options: [
    { name: '--rt-type', not: true },
    { name: '--rt-segsleft', not: true },
    { name: '--rt-len', not: true },
    { name: '--rt-0-res', words: 0 },
    { name: '--rt-0-addrs' },
    { name: '--rt-0-not-strict', words: 0 },
  ],
  read: (given): RtSpec => {
    const [type, addresses] = [given.get('--rt-type'), given.get('--rt-0-addrs')];
    const zero = type !== undefined && !type.not && parseNumber(wordOf(type)) === 0;
    for (const option of ['--rt-0-res', '--rt-0-addrs', '--rt-0-not-strict'] as const) {
      const use = given.get(option);
      if (use !== undefined && !zero) throw badValue(use, `${option} needs --rt-type 0`);
    }
    return {
      type: readNumber(type),
      left: readRange(given.get('--rt-segsleft')),
      length: readNumber(given.get('--rt-len')),
      reserved: given.has('--rt-0-res'),
      addresses: addresses === undefined ? [] : listOf(addresses, 'an IPv6 address', readAddress),
      notStrict: given.has('--rt-0-not-strict'),
    };
  },
  print: ({ type, left, length, reserved, addresses, notStrict }) =>
    [
      ...printNumber('--rt-type', type),
      ...printRange('--rt-segsleft', left),
      ...printNumber('--rt-len', length),
      ...(reserved ? ['--rt-0-res'] : []),
      ...(addresses.length === 0 ? [] : [`--rt-0-addrs ${addresses.map(printIp).join(',')}`]),
      ...(notStrict ? ['--rt-0-not-strict'] : []),
    ].join(' '),
  test: () => false,
});

function readAddress(text: string): Ip6 | undefined {
  const address = parseIp(text);
  return address !== undefined && isIp6(address) ? address : undefined;
}

function listOf<T>(use: Use, what: string, read: (text: string) => T | undefined): readonly T[] {
  const words = wordOf(use).split(',');
  if (words.length > MOST_ENTRIES) throw badValue(use, `at most ${MOST_ENTRIES}`);
  return words.map((word) => {
    const value = read(word);
    if (value === undefined) throw badValue(use, `${quote(word)} is not ${what}`);
    return value;
  });
}

type Option = { readonly type: number; readonly length: number | undefined };

/** `5`, `5:2` */
function readOption(text: string): Option | undefined {
  const [left = '', right, ...more] = text.split(':');
  const type = parseNumber(left);
  const length = right === undefined ? undefined : parseNumber(right);
  if (type === undefined || type > 255 || more.length > 0) return undefined;
  return right !== undefined && (length === undefined || length > 255) ? undefined : { type, length };
}

type OptionsSpec = { readonly length: Number_ | undefined; readonly options: readonly Option[] };

function readOptionsHeader(length: Use | undefined, options: Use | undefined): OptionsSpec {
  return {
    length: readNumber(length),
    options: options === undefined ? [] : listOf(options, 'an option such as 5 or 5:2', readOption),
  };
}

function printOptionsHeader(name: 'hbh' | 'dst', { length, options }: OptionsSpec): string {
  const list = options.map((option) => (option.length === undefined ? option.type : `${option.type}:${option.length}`));
  return [
    ...printNumber(`--${name}-len`, length),
    ...(list.length === 0 ? [] : [`--${name}-opts ${list.join(',')}`]),
  ].join(' ');
}

/** hbh_mt6() */
export const hbh = defineOptionMatch({
  name: 'hbh',
  kernel: 'net/ipv6/netfilter/ip6t_hbh.c',
  family: 6,
  options: [{ name: '--hbh-len', not: true }, { name: '--hbh-opts' }],
  read: (given) => readOptionsHeader(given.get('--hbh-len'), given.get('--hbh-opts')),
  print: (spec) => printOptionsHeader('hbh', spec),
  test: () => false,
});

/** hbh_mt6() as well: the kernel has one module for both */
export const dst = defineOptionMatch({
  name: 'dst',
  kernel: 'net/ipv6/netfilter/ip6t_hbh.c',
  family: 6,
  options: [{ name: '--dst-len', not: true }, { name: '--dst-opts' }],
  read: (given) => readOptionsHeader(given.get('--dst-len'), given.get('--dst-opts')),
  print: (spec) => printOptionsHeader('dst', spec),
  test: () => false,
});
