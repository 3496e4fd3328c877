import type { Packet } from '../../../net/packet.ts';
import { protocolNumber } from '../../../net/packet.ts';
import { ArgumentError } from '../arguments.ts';
import { badName, parseNumber, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** Names as iptables-save prints them, in its order, with the short names and the numbers that it reads too. */
const HEADERS = [
  { name: 'hop-by-hop', short: 'hop', number: 0 },
  { name: 'ipv6-opts', short: 'dst', number: 60 },
  { name: 'ipv6-route', short: 'route', number: 43 },
  { name: 'ipv6-frag', short: 'frag', number: 44 },
  { name: 'ah', short: 'auth', number: 51 },
  { name: 'esp', short: 'esp', number: 50 },
  { name: 'ipv6-nonxt', short: 'none', number: 59 },
  { name: 'protocol', short: 'prot', number: 255 },
] as const;

type Header = (typeof HEADERS)[number]['name'];
type Spec = { readonly not: boolean; readonly headers: readonly Header[]; readonly soft: boolean };

function readHeaders(use: Use): readonly Header[] {
  const wanted = wordOf(use)
    .split(',')
    .map((word) => {
      const found = HEADERS.find(
        ({ name, short, number }) => name === word || short === word || number === parseNumber(word),
      );
      if (found === undefined)
        throw badName(
          use,
          'header',
          word,
          HEADERS.map(({ short }) => short),
        );
      return found.name;
    });
  return HEADERS.map(({ name }) => name).filter((name) => wanted.includes(name));
}

/** The headers there are: packets here have none but a fragment's, and what they carry. */
function headersOf(packet: Packet): ReadonlySet<Header> {
  const number = protocolNumber(packet);
  const last = HEADERS.find((header) => header.number === number && (number === 50 || number === 59));
  const present = new Set<Header>([last?.name ?? 'protocol']);
  if (number === 51) present.add('ah');
  if (packet.laterFragment === true) present.add('ipv6-frag');
  return present;
}

/** ipv6header_mt6() */
export const ipv6header = defineOptionMatch({
  name: 'ipv6header',
  kernel: 'net/ipv6/netfilter/ip6t_ipv6header.c',
  family: 6,
  options: [
    { name: '--header', not: true },
    { name: '--soft', words: 0 },
  ],
  read: (given, _context, at): Spec => {
    const use = given.get('--header');
    if (use === undefined) throw new ArgumentError('the ipv6header match needs --header', at);
    return { not: use.not, headers: readHeaders(use), soft: given.has('--soft') };
  },
  print: ({ not, headers, soft }) => `${printNot(not)}--header ${headers.join(',')}${soft ? ' --soft' : ''}`,
  test: ({ not, headers, soft }, env) => {
    const present = headersOf(env.packet);
    if (soft) return headers.every((header) => present.has(header) !== not);
    return (present.size === headers.length && headers.every((header) => present.has(header))) !== not;
  },
});
