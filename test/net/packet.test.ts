import { describe, expect, it } from 'vitest';
import { ip4, ip6 } from '../../src/net/address.ts';
import { isIcmpError, type Packet, portsOf, protocolNumber, type Transport } from '../../src/net/packet.ts';

const of = (transport: Transport, six = false): Packet => ({
  src: six ? ip6(1n) : ip4(1),
  dst: six ? ip6(2n) : ip4(2),
  ttl: 64,
  length: 60,
  dontFragment: false,
  transport,
});
const tcp: Transport = { proto: 'tcp', sport: 1, dport: 2, flags: [] };
const udp: Transport = { proto: 'udp', sport: 1, dport: 2 };
const sctp: Transport = { proto: 'sctp', sport: 1, dport: 2, chunk: 'INIT' };
const icmp = (type: number): Transport => ({ proto: 'icmp', type, code: 0 });
const icmpv6 = (type: number): Transport => ({ proto: 'icmpv6', type, code: 0 });

describe('packets', () => {
  it.each<[string, Transport, number]>([
    ['tcp', tcp, 6],
    ['udp', udp, 17],
    ['sctp', sctp, 132],
    ['icmp', icmp(8), 1],
    ['icmpv6', icmpv6(128), 58],
    ['IPv4 in IP', { proto: 'ipip', inner: of(tcp) }, 4],
    ['IPv6 in IP', { proto: 'ipip', inner: of(tcp, true) }, 41],
    ['another', { proto: 'other', number: 89 }, 89],
  ])('%s has its protocol number', (_, transport, number) => {
    expect(protocolNumber(of(transport))).toBe(number);
  });

  it('have ports where the protocol has', () => {
    expect([tcp, udp, sctp].map((transport) => portsOf(of(transport))?.dport)).toEqual([2, 2, 2]);
    expect(portsOf(of(icmp(8)))).toBeUndefined();
  });

  it('are ICMP errors when they quote another packet', () => {
    const errors = Array.from({ length: 256 }, (_, type) => type);
    expect(errors.filter((type) => isIcmpError(of(icmp(type))))).toEqual([3, 5, 11, 12]);
    expect(errors.filter((type) => isIcmpError(of(icmpv6(type), true)))).toEqual(errors.slice(0, 128));
    expect(isIcmpError(of(tcp))).toBe(false);
  });
});
