/** How the walk is cut into stages: each is one family of kernel functions and returns what comes next. */
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import type { Attachment } from '../netfilter/conntrack.ts';
import type { Netns } from '../netns.ts';
import type { NetnsId } from '../netns-id.ts';
import type { OutputRoute } from '../route/output.ts';
import type { Run } from './run.ts';
import type { Skb } from './skb.ts';
import type { Disposition } from './step.ts';

/** One for each function in stages/; the loop of walk.ts calls them by name. */
export type StageName =
  | 'receive'
  | 'bridge'
  | 'prerouting'
  | 'route'
  | 'input'
  | 'deliver'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'transmit'
  | 'port';

/** Where the packet is, between two stages. */
export type Cursor = {
  readonly netns: NetnsId;
  readonly skb: Skb;
  readonly inDevice?: string | undefined;
  readonly outDevice?: string | undefined;
  /** The gateway, or the destination itself where it is on the link. */
  readonly nexthop?: IpAddr | undefined;
  /** `mtu` of the route that the packet leaves by. */
  readonly routeMtu?: number | undefined;
  /** PREROUTING has run already, on the bridge (ip_sabotage_in()). */
  readonly prerouted?: boolean;
  /** Of IPv6: the route it came in by is an anycast address's (ipv6_unicast_destination() says no). */
  readonly anycast?: boolean;
  /** Of IPv6: the device that a bridge's DNAT has routed the packet to, before it came up to the IP stack. */
  readonly routedDevice?: string;
  /** IPSKB_DOREDIRECT: its source had better send by another way. */
  readonly redirects?: boolean;
  /** `output` only: the source is fixed, or free for the route to choose. */
  readonly source?: IpAddr | undefined;
  readonly anySource?: boolean;
  readonly oif?: string | undefined;
  /** `output` only: the route is settled already. */
  readonly routed?: OutputRoute | undefined;
  /** The tunnel's device that made the packet: iptunnel_xmit() leaves it in skb->dev. */
  readonly fromTunnel?: string;
  /** Still inside the sender's system call: a drop becomes its error. */
  readonly inSendCall?: boolean;
};

/** A packet that a machine sends because of another one. */
export type Answer = {
  readonly netns: NetnsId;
  readonly packet: Packet;
  readonly anySource: boolean;
  /** nf_ct_attach(): the answer belongs to the connection of what it answers. */
  readonly connection: Attachment | undefined;
  readonly kernelMade: boolean;
  /** Only by this device: the address is of its link. */
  readonly oif?: string;
  /** It leaves by this route, without another look-up. */
  readonly routed?: OutputRoute;
  /** No socket sends it (nf_send_reset()). */
  readonly socketless?: boolean;
  /** It answers an untracked packet: see Skb. */
  readonly attachedNothing?: boolean;
  /** It goes straight back out of the bridge port that the packet came in by, past every hook. */
  readonly straightOut?: { readonly device: string; readonly source: Mac; readonly destination: Mac };
};

/** On to another stage, or the end of the packet's way. */
export type Next =
  | { readonly kind: 'stage'; readonly stage: StageName; readonly at: Cursor }
  | {
      readonly kind: 'end';
      readonly disposition: Disposition;
      readonly packet: Packet;
      readonly answer: Answer | undefined;
    };

export type Stage = (run: Run, netns: Netns, at: Cursor) => Next;

export function go(stage: StageName, at: Cursor): Next {
  return { kind: 'stage', stage, at };
}
