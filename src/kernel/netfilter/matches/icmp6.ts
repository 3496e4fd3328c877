import { type IcmpName, type IcmpTypeSpec, printIcmpType, readIcmpType, testIcmpType } from './icmp-type.ts';
import { defineOptionMatch } from './option-match.ts';

const NAMES: readonly IcmpName[] = [
  ['destination-unreachable', 1],
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['failed-policy', 1, 5],
  ['reject-route', 1, 6],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['ttl-exceeded', 3],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['parameter-problem', 4],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128],
  ['ping', 128],
  ['echo-reply', 129],
  ['pong', 129],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['neighbor-advertisement', 136],
  ['redirect', 137],
];

/** icmp6_match(); unlike icmp it has no `any`. */
export const icmp6 = defineOptionMatch({
  name: 'icmp6',
  kernel: 'net/netfilter/xt_tcpudp.c',
  protocol: 58,
  family: 6,
  options: [{ name: '--icmpv6-type', not: true }],
  read: (given, _context, at): IcmpTypeSpec => readIcmpType(given.get('--icmpv6-type'), '--icmpv6-type', NAMES, at),
  print: (spec) => printIcmpType('--icmpv6-type', spec),
  test: (spec, env) => testIcmpType(spec, env, 'icmpv6', false),
});
