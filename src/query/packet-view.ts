/** Packets as reports show them. */

import { printIp } from '../net/address.ts';
import { type Packet, portsOf } from '../net/packet.ts';
import type { PacketView } from './trace.ts';

/** Names of ICMP messages by type and, for type 3, code (iana.org, ICMP parameters). */
const ICMP_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'echo-reply'],
  [3, 'unreachable'],
  [5, 'redirect'],
  [8, 'echo-request'],
  [11, 'time-exceeded'],
  [12, 'parameter-problem'],
]);
const UNREACHABLE_CODES: ReadonlyMap<number, string> = new Map([
  [0, 'network-unreachable'],
  [1, 'host-unreachable'],
  [2, 'protocol-unreachable'],
  [3, 'port-unreachable'],
  [4, 'fragmentation-needed'],
  [9, 'network-prohibited'],
  [10, 'host-prohibited'],
  [13, 'communication-prohibited'],
]);

export function viewPacket(packet: Packet, mark: number | undefined = undefined): PacketView {
  const ports = portsOf(packet);
  const inner = innerOf(packet);
  return {
    src: printIp(packet.src),
    dst: printIp(packet.dst),
    protocol: packet.transport.proto === 'other' ? String(packet.transport.number) : packet.transport.proto,
    sport: ports?.sport ?? null,
    dport: ports?.dport ?? null,
    ttl: packet.ttl,
    mark: mark === undefined || mark === 0 ? null : mark,
    note: noteOf(packet),
    inner: inner === undefined ? null : viewPacket(inner),
  };
}

function innerOf(packet: Packet): Packet | undefined {
  const { transport } = packet;
  if (transport.proto === 'ipip') return transport.inner;
  return transport.proto === 'udp' ? transport.payload?.frame.packet : undefined;
}

function noteOf(packet: Packet): string {
  const { transport } = packet;
  switch (transport.proto) {
    case 'tcp':
      return transport.flags.join(',');
    case 'icmp':
      if (transport.type === 3) return UNREACHABLE_CODES.get(transport.code) ?? `unreachable code ${transport.code}`;
      return ICMP_TYPES.get(transport.type) ?? `type ${transport.type}`;
    case 'icmpv6':
      return `type ${transport.type} code ${transport.code}`;
    case 'sctp':
      return transport.chunk;
    default:
      return '';
  }
}
