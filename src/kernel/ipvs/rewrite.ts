/** Addresses and ports of packets that IPVS translates: tcp_dnat_handler(), tcp_snat_handler() and kin, ip_vs_nat_icmp(). */
import type { IpAddr } from '../../net/address.ts';
import { type Packet, portsOf, type Transport } from '../../net/packet.ts';
import type { IpvsConnection, IpvsProtocolPorts } from './connection.ts';

/** What IPVS looks packets up by; undefined: a protocol that it does not balance. */
export function flowOf(packet: Packet): IpvsProtocolPorts | undefined {
  const { proto } = packet.transport;
  const ports = portsOf(packet);
  if (ports === undefined || (proto !== 'tcp' && proto !== 'udp' && proto !== 'sctp')) return undefined;
  return { protocol: proto, src: packet.src, sport: ports.sport, dst: packet.dst, dport: ports.dport };
}

/** The packet with another destination; a protocol without ports gets only the address. */
export function withDestination(packet: Packet, dst: IpAddr, dport: number): Packet {
  return { ...packet, dst, transport: withPort(packet.transport, { dport }) };
}

/** The packet with another source; a protocol without ports gets only the address. */
export function withSource(packet: Packet, src: IpAddr, sport: number): Packet {
  return { ...packet, src, transport: withPort(packet.transport, { sport }) };
}

function withPort(transport: Transport, port: { readonly sport: number } | { readonly dport: number }): Transport {
  switch (transport.proto) {
    case 'tcp':
    case 'udp':
    case 'sctp':
      return { ...transport, ...port };
    default:
      return transport;
  }
}

/** An error that the real server, or a router before it, sent about a request: for the client it is about the virtual one. */
export function translateError(packet: Packet, quoted: Packet, connection: IpvsConnection): Packet {
  const { transport } = packet;
  if (transport.proto !== 'icmp' && transport.proto !== 'icmpv6') return packet;
  const { virtual, virtualPort } = connection;
  return {
    ...packet,
    src: virtual,
    transport: { ...transport, quoted: withDestination(quoted, virtual, virtualPort) },
  };
}
