import { quote } from '../../../lib/quote.ts';
import { compareIp, type IpAddr, isIp4, parseIp, printIp } from '../../../net/address.ts';
import { ArgumentError } from '../arguments.ts';
import { badValue, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type Range = { readonly not: boolean; readonly first: IpAddr; readonly last: IpAddr };

type IprangeSpec = { readonly src?: Range | undefined; readonly dst?: Range | undefined };

function readRange(use: Use | undefined, family: 4 | 6): Range | undefined {
  if (use === undefined) return undefined;
  const [left = '', right, ...more] = wordOf(use).split('-');
  const first = parseIp(left);
  const last = right === undefined ? first : parseIp(right);
  if (
    first === undefined ||
    last === undefined ||
    isIp4(first) !== (family === 4) ||
    isIp4(last) !== (family === 4) ||
    more.length > 0
  ) {
    throw badValue(
      use,
      `${quote(wordOf(use))} is not a range of IPv${family} addresses`,
      family === 4 ? 'such as 10.0.0.1-10.0.0.9' : 'such as fd00::1-fd00::9',
    );
  }
  return { not: use.not, first, last };
}

const within = (range: Range | undefined, address: IpAddr): boolean =>
  range === undefined || (compareIp(address, range.first) >= 0 && compareIp(address, range.last) <= 0) !== range.not;

const printRange = (option: string, range: Range | undefined): readonly string[] =>
  range === undefined ? [] : [`${printNot(range.not)}${option} ${printIp(range.first)}-${printIp(range.last)}`];

/** iprange_mt4(), iprange_mt6(): a range whose ends are the wrong way round holds nothing. */
export const iprange = defineOptionMatch({
  name: 'iprange',
  kernel: 'net/netfilter/xt_iprange.c',
  options: [
    { name: '--src-range', not: true },
    { name: '--dst-range', not: true },
  ],
  read: (given, context, at): IprangeSpec => {
    if (given.size === 0) throw new ArgumentError('the iprange match needs --src-range or --dst-range', at);
    return {
      src: readRange(given.get('--src-range'), context.family),
      dst: readRange(given.get('--dst-range'), context.family),
    };
  },
  print: ({ src, dst }) => [...printRange('--src-range', src), ...printRange('--dst-range', dst)].join(' '),
  test: ({ src, dst }, { packet }) => within(src, packet.src) && within(dst, packet.dst),
});
