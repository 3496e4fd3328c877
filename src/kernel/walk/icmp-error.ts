/** Errors by ICMP: net/ipv4/icmp.c __icmp_send(), net/ipv6/icmp.c icmp6_send(). */
import { type Family, familyOf, type Ip6, type IpAddr, ip4, isIp6 } from '../../net/address.ts';
import { type Icmp, isIcmpError, type Packet } from '../../net/packet.ts';
import type { RejectWith } from '../netfilter/target.ts';
import type { Netns } from '../netns.ts';
import { addressType, isLimitedBroadcast, isZeronet } from '../route/address-type.ts';
import { isLinkLocal } from '../route/ipv6/scope.ts';
import { holdsAddress6, selectAddress6 } from '../route/ipv6/source-address.ts';
import { routeOutput } from '../route/output.ts';
import { attach } from './attach.ts';
import { defaultHopLimit } from './hop-limit.ts';
import type { Run } from './run.ts';
import { cameToAll, type Skb } from './skb.ts';
import type { Answer } from './stage.ts';
import type { RouteOutcome } from './step.ts';

/** What an ICMP error says; `mtu` in bytes, of "too big" alone. */
export type IcmpMessage = {
  readonly type: number;
  readonly code: number;
  readonly mtu?: number;
  /** The packet was for this machine (RTCF_LOCAL). */
  readonly local?: boolean;
};

/** What there is to say, whatever the family. */
export type IcmpErrorKind =
  | 'no-route'
  | 'host-unreachable'
  | 'prohibited'
  | 'protocol-unreachable'
  | 'port-unreachable'
  | 'time-exceeded'
  | 'too-big';

const MESSAGES: Readonly<Record<Family, Readonly<Record<IcmpErrorKind, readonly [type: number, code: number]>>>> = {
  4: {
    'no-route': [3, 0],
    'host-unreachable': [3, 1],
    prohibited: [3, 13],
    'protocol-unreachable': [3, 2],
    'port-unreachable': [3, 3],
    'time-exceeded': [11, 0],
    'too-big': [3, 4],
  },
  6: {
    'no-route': [1, 0],
    'host-unreachable': [1, 3],
    prohibited: [1, 1],
    // "unrecognized Next Header type" is a parameter problem (RFC 4443 section 3.4).
    'protocol-unreachable': [4, 1],
    'port-unreachable': [1, 4],
    'time-exceeded': [3, 0],
    'too-big': [2, 0],
  },
};

/** The message in the words of the packet's own family. */
export function icmpMessage(
  packet: Packet,
  kind: IcmpErrorKind,
  more: Pick<IcmpMessage, 'mtu' | 'local'> = {},
): IcmpMessage {
  const [type, code] = MESSAGES[familyOf(packet.dst)][kind];
  return { type, code, ...more };
}

/** Codes of the reject-with forms (ipt_REJECT.c reject_tg(), ip6t_REJECT.c reject_tg6()): types 3 and 1. */
const REJECT_CODES: Readonly<Record<Exclude<RejectWith, 'tcp-reset'>, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
};

/** The error of a REJECT rule; a packet for this machine is answered by the address it was for. */
export function rejectMessage(netns: Netns, packet: Packet, how: Exclude<RejectWith, 'tcp-reset'>): IcmpMessage {
  const code = REJECT_CODES[how];
  if (isIp6(packet.dst)) return { type: 1, code };
  return { type: 3, code, local: addressType(netns, packet.dst) === 'LOCAL' };
}

/**
 * undefined where none may be sent (RFC 1122 section 3.2.2, RFC 4443 section 2.4) or none can be routed.
 * @param device by which the packet came in, or would have left ("again, force OUTPUT device used as source address").
 */
export function icmpError(
  run: Run,
  netns: Netns,
  skb: Skb,
  message: IcmpMessage,
  device: string | undefined,
): Answer | undefined {
  const { packet } = skb;
  if (isIcmpError(packet) || packet.laterFragment === true) return undefined;
  // __icmp_send() and icmp6_send() ask for PACKET_HOST.
  if (cameToAll(skb)) return undefined;
  // icmp_xmit_lock(): the socket is taken while this machine's own answer by ICMP is on its way out.
  if (skb.insideIcmpSend === true) return undefined;
  if (!mayBeTold(netns, packet.src)) return undefined;
  const to = addressType(netns, packet.dst);
  if (to === 'BROADCAST' || to === 'MULTICAST') return undefined;
  return isIp6(packet.src) ? errorOf6(run, netns, skb, message, device) : errorOf4(run, netns, skb, message);
}

/**
 * __icmp_send() asks who the packet was for, and not whom it came from: the broadcast address of a network, which only NAT
 * can make a source, gets its error. icmp6_send() asks for both.
 */
function mayBeTold(netns: Netns, source: IpAddr): boolean {
  const kind = addressType(netns, source);
  if (kind === 'MULTICAST' || kind === 'UNSPEC') return false;
  return kind !== 'BROADCAST' || !(isIp6(source) || isZeronet(source) || isLimitedBroadcast(source));
}

function errorOf4(run: Run, netns: Netns, skb: Skb, message: IcmpMessage): Answer | undefined {
  const { packet } = skb;
  const error: Packet = {
    src: ip4(0),
    dst: packet.src,
    ttl: defaultHopLimit(netns, 4),
    length: 28 + Math.min(packet.length, 548),
    dontFragment: false,
    // The precedence of internetwork control, and the type of service of the packet in question (RFC 1812 section 4.3.2.5).
    dscp: 0x30 | ((packet.dscp ?? 0) & 7),
    transport: transportOf('icmp', message, packet),
  };
  // icmp_route_lookup(): the answer to a packet for this machine speaks from the address it was for.
  return routed(run, netns, skb, error, message.local ? packet.dst : undefined, undefined);
}

/** The whole error stays within the least MTU of all links (RFC 4443 section 2.4 (c)). */
const MOST_QUOTED = 1280 - 48;

function errorOf6(
  run: Run,
  netns: Netns,
  skb: Skb,
  message: IcmpMessage,
  device: string | undefined,
): Answer | undefined {
  const { packet } = skb;
  if (!isIp6(packet.src) || !isIp6(packet.dst)) return undefined;
  const error: Packet = {
    src: packet.dst,
    dst: packet.src,
    ttl: defaultHopLimit(netns, 6),
    length: 48 + Math.min(packet.length, MOST_QUOTED),
    dontFragment: false,
    transport: transportOf('icmpv6', message, packet),
  };
  const source = sourceOf6(run, netns, error, packet.dst, device);
  return routed(run, netns, skb, error, source, isLinkLocal(packet.src) ? device : undefined);
}

/**
 * The address that the packet was for, where it is this machine's (RFC 4443 section 2.2); else what the route back says
 * (icmpv6_rt_has_prefsrc()), or one that suits the device that the packet came in by. undefined leaves it to the route.
 */
function sourceOf6(run: Run, netns: Netns, error: Packet, asked: Ip6, device: string | undefined): Ip6 | undefined {
  if (holdsAddress6(netns, asked) || addressType(netns, asked) === 'ANYCAST') return asked;
  if (device === undefined || !isIp6(error.dst)) return undefined;
  const { outcome } = routeOutput(run, netns, error, { source: undefined, mark: 0 });
  const says = outcome.kind !== 'fail' && outcome.route.prefSrc !== undefined;
  return says ? undefined : selectAddress6(netns, device, error.dst);
}

function transportOf(proto: Icmp['proto'], { type, code, mtu }: IcmpMessage, quoted: Packet): Icmp {
  return { proto, type, code, quoted, ...(mtu === undefined ? {} : { mtu }) };
}

function routed(
  run: Run,
  netns: Netns,
  skb: Skb,
  error: Packet,
  wanted: IpAddr | undefined,
  oif: string | undefined,
): Answer | undefined {
  const route = routeOutput(run, netns, error, { source: wanted, mark: 0, oif });
  const { outcome, source } = route;
  if (outcome.kind === 'fail' || source === undefined || isToAnycast(outcome, error.dst)) return undefined;
  // icmp_glue_bits(), icmpv6_getfrag(): the error belongs to the connection of the packet it quotes (nf_ct_attach()).
  return {
    netns: netns.id,
    packet: { ...error, src: source },
    anySource: false,
    connection: attach(skb.connection),
    kernelMade: true,
    routed: route,
    ...(skb.untracked === true ? { attachedNothing: true } : {}),
  };
}

/** icmpv6_route_lookup(), ipv6_anycast_destination(): the address of a subnet's routers counts on a machine that is none, too. */
function isToAnycast({ route, ...way }: Exclude<RouteOutcome, { kind: 'fail' }>, to: IpAddr): boolean {
  if (!isIp6(to)) return false;
  const { addr, bits } = route.destination;
  return route.type === 'anycast' || (bits < 127 && addr === to && 'via' in way && way.via === undefined);
}
