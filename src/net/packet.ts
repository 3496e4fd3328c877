/**
 * Packets as values. What Linux keeps beside a packet in its sk_buff (mark, conntrack entry, devices) is not part of
 * the packet: see kernel/walk/skb.ts.
 */
import { type IpAddr, isIp4 } from './address.ts';
import type { Mac } from './mac.ts';

export type TcpFlag = 'FIN' | 'SYN' | 'RST' | 'PSH' | 'ACK' | 'URG';

/** ICMP types by number, as RFC 792 (family 4) and RFC 4443 (family 6) give them. */
export type Icmp = {
  readonly proto: 'icmp' | 'icmpv6';
  readonly type: number;
  readonly code: number;
  /** Identifier of echo messages. */
  readonly id?: number;
  /** The packet an error message quotes: as it was where the error arose. */
  readonly quoted?: Packet;
  /** Next-hop MTU of "fragmentation needed" / "packet too big". */
  readonly mtu?: number;
};

export type Transport =
  | { readonly proto: 'tcp'; readonly sport: number; readonly dport: number; readonly flags: readonly TcpFlag[] }
  | {
      readonly proto: 'udp';
      readonly sport: number;
      readonly dport: number;
      readonly payload?: VxlanPayload | TunPayload;
    }
  | {
      readonly proto: 'sctp';
      readonly sport: number;
      readonly dport: number;
      readonly chunk: 'INIT' | 'INIT_ACK' | 'ABORT';
    }
  | Icmp
  | { readonly proto: 'ipip'; readonly inner: Packet }
  | { readonly proto: 'other'; readonly number: number };

type VxlanPayload = { readonly kind: 'vxlan'; readonly vni: number; readonly frame: Frame };

/** A packet that a process took from a TUN device, as it is. */
type TunPayload = { readonly kind: 'tun'; readonly frame: { readonly packet: Packet } };

/** An Ethernet frame; only IP is carried (ARP and NDP are modelled as look-ups, see kernel/route/neighbour.ts). */
type Frame = { readonly source: Mac; readonly destination: Mac; readonly packet: Packet };

export type Packet = {
  readonly src: IpAddr;
  readonly dst: IpAddr;
  readonly ttl: number;
  /** Length of the IP packet in bytes, headers included. */
  readonly length: number;
  readonly dontFragment: boolean;
  /** Set on every fragment but the first, as `iptables -f` sees it. */
  readonly laterFragment?: boolean;
  readonly dscp?: number;
  /** Of a datagram of VXLAN, where its checksum is not as its sender left it: see kernel/walk/wrong-checksum.ts. */
  readonly checksum?: 'complete' | 'mangled' | 'wrong';
  readonly transport: Transport;
};

/** IP protocol numbers (IANA). */
export function protocolNumber(packet: Packet): number {
  const t = packet.transport;
  switch (t.proto) {
    case 'tcp':
      return 6;
    case 'udp':
      return 17;
    case 'sctp':
      return 132;
    case 'icmp':
      return 1;
    case 'icmpv6':
      return 58;
    case 'ipip':
      return isIp4(t.inner.src) ? 4 : 41;
    case 'other':
      return t.number;
  }
}

/** Ports of TCP, UDP and SCTP; undefined for the rest. */
export function portsOf(packet: Packet): { readonly sport: number; readonly dport: number } | undefined {
  const t = packet.transport;
  return t.proto === 'tcp' || t.proto === 'udp' || t.proto === 'sctp' ? t : undefined;
}

/** Whether the packet is an ICMP error message (it quotes another packet), RFC 1122 section 3.2.2. */
export function isIcmpError(packet: Packet): boolean {
  const t = packet.transport;
  if (t.proto === 'icmp') return t.type === 3 || t.type === 5 || t.type === 11 || t.type === 12;
  return t.proto === 'icmpv6' && t.type < 128;
}
