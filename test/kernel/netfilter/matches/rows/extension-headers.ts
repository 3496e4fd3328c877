/** Extension headers of IPv6: packets here have none but a fragment's. */
import { icmp6, mac } from '../../fake-env.ts';
import { type MatchRow, row } from './row.ts';

const later = { packet: { ...icmp6(), laterFragment: true } };
const plain = { packet: icmp6() };
const esp = { packet: { ...icmp6(), transport: { proto: 'other', number: 50 } } } as const;

export const EXTENSION_ROWS: readonly MatchRow[] = [
  row('frag misses what is no fragment', '-m frag', plain, 'miss', 6),
  row('frag cannot see into a fragment', '-m frag --fragid 5', later, 'unknown', 6),
  row('a later fragment is not the first', '-m frag --fragfirst', later, 'miss', 6),
  row('rt misses', '-m rt --rt-type 0', plain, 'miss', 6),
  row('hbh misses', '-m hbh', plain, 'miss', 6),
  row('dst misses, whatever its "!" says', '-m dst ! --dst-len 5', plain, 'miss', 6),
  row('ipv6header takes what is carried', '-m ipv6header --header prot', plain, 'hit', 6),
  row('ipv6header is exact', '-m ipv6header --header prot,frag', plain, 'miss', 6),
  row('ipv6header sees a fragment', '-m ipv6header --header prot,frag', later, 'hit', 6),
  row('ipv6header ! is exact as well', '-m ipv6header ! --header frag', later, 'hit', 6),
  row('ipv6header --soft wants all of them', '-m ipv6header --header frag --soft', later, 'hit', 6),
  row('ipv6header --soft misses one of them', '-m ipv6header --header frag,hop --soft', later, 'miss', 6),
  row('ipv6header ! --soft wants none of them', '-m ipv6header ! --header hop,dst --soft', plain, 'hit', 6),
  row('esp is a header and no protocol', '-m ipv6header --header esp', esp, 'hit', 6),
  row(
    'eui64 takes an address made from the frame',
    '-m eui64',
    { packet: icmp6({ src: 'fe80::ff:fe00:9' }), sourceMac: mac('02:00:00:00:00:09') },
    'hit',
    6,
  ),
  row('eui64 misses another source', '-m eui64', { ...plain, sourceMac: mac('02:00:00:00:00:09') }, 'miss', 6),
  row('eui64 misses without a frame', '-m eui64', plain, 'miss', 6),
];
