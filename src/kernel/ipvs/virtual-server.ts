/** What IPVS of a namespace was told: virtual servers and the real servers behind them (include/net/ip_vs.h). */
import { type Family, familyOf, type IpAddr } from '../../net/address.ts';
import type { OriginId } from '../origin.ts';

/** Every scheduler of net/netfilter/ipvs. */
export const SCHEDULER_NAMES = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'twos',
] as const;
export type SchedulerName = (typeof SCHEDULER_NAMES)[number];

export type IpvsProtocol = 'tcp' | 'udp' | 'sctp';

/** `-m`, `-g`, `-i` of ipvsadm; Masq, Route, Tunnel in its tables. */
export type ForwardingMethod = 'masquerade' | 'gatewaying' | 'tunneling';

/** struct ip_vs_dest */
export type RealServer = {
  readonly address: IpAddr;
  readonly port: number;
  readonly method: ForwardingMethod;
  /** 0: quiesced, it gets no new connections. */
  readonly weight: number;
  /** Above `upper` connections it gets no more until they are fewer than `lower`; 0 is no limit. */
  readonly upper: number;
  readonly lower: number;
  readonly origin?: OriginId;
};

/** How packets are told to be for a virtual server: by address, or by the firewall mark somebody gave them. */
export type VirtualAddress =
  | { readonly kind: 'address'; readonly protocol: IpvsProtocol; readonly address: IpAddr; readonly port: number }
  | { readonly kind: 'fwmark'; readonly mark: number; readonly family: Family };

/** struct ip_vs_service */
export type VirtualServer = {
  readonly at: VirtualAddress;
  readonly scheduler: SchedulerName;
  /** IP_VS_SVC_F_SCHED1 to 3: of sh and mh the first is `fallback`, the second `port`. */
  readonly flags: readonly (1 | 2 | 3)[];
  /** `-p SECONDS`: a client stays with its server; `-M`: clients of one network of so many bits are one client. */
  readonly persistence?: { readonly seconds: number; readonly bits: number };
  /** `-o`: every datagram is a connection of its own. */
  readonly onePacket: boolean;
  /**
   * In the order in which they were added. The kernel's list runs the other way: __ip_vs_update_dest() puts a new server
   * at its head.
   */
  readonly servers: readonly RealServer[];
  readonly origin?: OriginId;
};

/** The servers as the kernel's list has them, and as schedulers walk it. */
export function kernelOrder({ servers }: VirtualServer): readonly RealServer[] {
  return [...servers].reverse();
}

/** A mark has no family of its own: `-6` gives it one. */
export function familyOfServer({ at }: VirtualServer): Family {
  return at.kind === 'fwmark' ? at.family : familyOf(at.address);
}

/** The mask of a persistent virtual server that tells every client apart. */
export function fullMask(family: Family): number {
  return family === 4 ? 32 : 128;
}

/** Two virtual servers with one key are one to the kernel. */
export function keyOfAddress(at: VirtualAddress): string {
  return at.kind === 'fwmark' ? `fwmark ${at.family} ${at.mark}` : `${at.protocol} ${at.address} ${at.port}`;
}
