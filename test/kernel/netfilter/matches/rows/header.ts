import { icmp, icmp6, other, tcp } from '../../fake-env.ts';
import { type MatchRow, row } from './row.ts';

const later = { ...tcp(), laterFragment: true };

export const HEADER_ROWS: readonly MatchRow[] = [
  row('a rule without any match takes every packet', '', {}, 'hit'),
  row('-s takes an address of its prefix', '-s 10.0.0.0/24', {}, 'hit'),
  row('-s refuses an address outside', '-s 10.0.1.0/24', {}, 'miss'),
  row('! -s refuses an address of its prefix', '! -s 10.0.0.0/24', {}, 'miss'),
  row('! -s 0.0.0.0/0 takes nothing', '! -s 0.0.0.0/0', {}, 'miss'),
  row('-d takes the very address', '-d 10.0.0.2/32', {}, 'hit'),
  row('-d refuses the neighbour', '-d 10.0.0.3/32', {}, 'miss'),
  row('! -d takes the neighbour', '! -d 10.0.0.3/32', {}, 'hit'),
  row(
    'a mask with holes looks at its bits only',
    '-d 10.0.0.2/255.0.0.255',
    { packet: tcp({ dst: '10.99.77.2' }) },
    'hit',
  ),
  row('a mask with holes refuses other bits', '-d 10.0.0.2/255.0.0.255', { packet: tcp({ dst: '10.0.0.3' }) }, 'miss'),
  row('an IPv6 prefix takes its addresses', '-s fd00::/64', { packet: icmp6() }, 'hit', 6),
  row('an IPv6 prefix refuses others', '-s fd01::/64', { packet: icmp6() }, 'miss', 6),
  row('-i takes the input device', '-i eth0', {}, 'hit'),
  row('-i compares whole names', '-i eth', {}, 'miss'),
  row('-i with + compares the beginning', '-i eth+', {}, 'hit'),
  row('! -i with + refuses it', '! -i eth+', {}, 'miss'),
  row('-i takes no packet of this machine', '-i eth0', { inDevice: undefined }, 'miss'),
  row('! -i takes packets of this machine', '! -i eth0', { inDevice: undefined }, 'hit'),
  row('-o takes the output device', '-o eth1', {}, 'hit'),
  row('! -o refuses it', '! -o eth1', {}, 'miss'),
  row('! -o takes a packet before it is routed', '! -o lo', { outDevice: undefined }, 'hit'),
  row('-p takes its protocol', '-p tcp', {}, 'hit'),
  row('-p refuses another', '-p udp', {}, 'miss'),
  row('! -p takes another', '! -p udp', {}, 'hit'),
  row('-p by number', '-p 4', { packet: other(4) }, 'hit'),
  row('-p icmp takes an echo request', '-p icmp', { packet: icmp() }, 'hit'),
  row('-f takes later fragments', '-f', { packet: later }, 'hit'),
  row('-f refuses a whole packet', '-f', {}, 'miss'),
  row('! -f refuses later fragments', '! -f', { packet: later }, 'miss'),
  row('! -f takes a whole packet', '! -f', {}, 'hit'),
];
