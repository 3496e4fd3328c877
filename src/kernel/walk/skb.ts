/** What the kernel keeps beside a packet while it is on its way (struct sk_buff). */
import { BROADCAST_MAC, type Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import type { Attachment } from '../netfilter/conntrack.ts';
import type { RouteOutcome } from './step.ts';

/** A copy at every change: stages never write to one. */
export type Skb = {
  readonly packet: Packet;
  readonly mark: number;
  /** nfct: the connection the packet belongs to, and how. */
  readonly connection?: Attachment | undefined;
  /** IP_CT_UNTRACKED */
  readonly untracked?: boolean;
  /** Ethernet addresses of the frame it came in. */
  readonly frame?: { readonly source: Mac; readonly destination: Mac } | undefined;
  /** VLAN tag. */
  readonly vlan?: number | undefined;
  /** The local process that sent it. */
  readonly socket?: { readonly uid: number | undefined; readonly gid: number | undefined } | undefined;
  /** nf_ct_attach() to an untracked packet: there is no connection, and NOTRACK finds the place taken (xt_ct notrack_tg()). */
  readonly attachedNothing?: boolean;
  /** skb_dst() kept across the loopback device: no input route look-up follows. */
  readonly route?: RouteOutcome | undefined;
  /** nf_bridge_info: the bridge port it came in by; present once a bridge has shown it to iptables. */
  readonly bridge?:
    | { readonly physIn: string; readonly physOut?: string /** Bridged now, not routed. */; readonly bridged: boolean }
    | undefined;
  /** ipvs_property: IPVS has translated it, and looks at it no more. */
  readonly ipvsProperty?: boolean;
  /** skb->hash: a number of its own for what each socket sends (sk_txhash), or of its flow; nothing on the way takes it. */
  readonly hash?: number;
  /** The packet is an answer the kernel made itself. */
  readonly kernelMade?: boolean;
  /** The call that sends an answer by ICMP still holds the one socket of this processor for ICMP (icmp_xmit_lock()). */
  readonly insideIcmpSend?: boolean | undefined;
};

/** PACKET_BROADCAST (eth_type_trans()): only NAT brings a packet for one machine into a frame for all. */
export function cameToAll({ frame }: Skb): boolean {
  return frame?.destination === BROADCAST_MAC;
}

/** skb_scrub_packet(): what a packet loses on its way out of a device into another namespace, or into and out of a tunnel. */
export function scrub(skb: Skb, crossesNetns: boolean): Skb {
  return {
    packet: skb.packet,
    mark: crossesNetns ? 0 : skb.mark,
    // Into a tunnel the packet still counts against the sender's socket; a veth pair orphans it (skb_orphan()).
    ...(crossesNetns || skb.socket === undefined ? {} : { socket: skb.socket }),
    ...(skb.vlan === undefined ? {} : { vlan: skb.vlan }),
    ...(skb.hash === undefined ? {} : { hash: skb.hash }),
    // ipvs_reset() is for packets that change namespaces only.
    ...(crossesNetns || skb.ipvsProperty === undefined ? {} : { ipvsProperty: skb.ipvsProperty }),
    ...(crossesNetns || skb.insideIcmpSend === undefined ? {} : { insideIcmpSend: skb.insideIcmpSend }),
  };
}
