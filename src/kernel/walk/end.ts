/** How a walk ends: dropped in silence, or with an answer to the sender. */
import { ip4 } from '../../net/address.ts';
import { type Icmp, isIcmpError, type Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { Attachment } from '../netfilter/conntrack.ts';
import type { HookResult } from '../netfilter/hook-run.ts';
import type { RejectWith } from '../netfilter/target.ts';
import type { Netns } from '../netns.ts';
import { addressType } from '../route/address-type.ts';
import { routeOutput } from '../route/output.ts';
import type { Run } from './run.ts';
import type { Skb } from './skb.ts';
import type { Answer, Cursor, Next } from './stage.ts';
import type { Step } from './step.ts';

/** The packet is gone. `step` is what decided it, where that was recorded already. */
export function drop(
  run: Run,
  netns: Netns,
  at: Cursor,
  reason: DropReason,
  more: { step?: Step | undefined; detail?: string; errno?: string } = {},
): Next {
  let step = more.step;
  if (step === undefined) {
    step = {
      kind: 'drop',
      netns: netns.id,
      packet: at.skb.packet,
      reason,
      ...deviceOf(at),
      ...(more.detail === undefined ? {} : { detail: more.detail }),
    };
    run.emit(step);
  }
  const errno = more.errno === undefined ? {} : { errno: more.errno };
  return {
    kind: 'end',
    disposition: { kind: 'dropped', netns: netns.id, reason, step, ...errno },
    packet: at.skb.packet,
    answer: undefined,
  };
}

function deviceOf(at: Cursor): { readonly device?: string } {
  const device = at.outDevice ?? at.inDevice;
  return device === undefined ? {} : { device };
}

/** The packet is gone, and an ICMP error goes to its source, if one may be sent. */
export function refuse(
  run: Run,
  netns: Netns,
  at: Cursor,
  reason: DropReason,
  message: IcmpMessage,
  step?: Step,
): Next {
  return answerWith(run, netns, at, reason, icmpError(run, netns, at.skb, message), step);
}

/** The packet is gone, and this answer goes out. Without an answer it is a silent drop. */
export function answerWith(
  run: Run,
  netns: Netns,
  at: Cursor,
  reason: DropReason,
  answer: Answer | undefined,
  step?: Step,
): Next {
  if (answer === undefined) return drop(run, netns, at, reason, { step });
  const cause: Step = step ?? { kind: 'drop', netns: netns.id, packet: at.skb.packet, reason, ...deviceOf(at) };
  if (step === undefined) run.emit(cause);
  run.emit({ kind: 'answer', netns: netns.id, packet: at.skb.packet, answer: answer.packet, refusal: true });
  return {
    kind: 'end',
    disposition: {
      kind: 'refused',
      netns: netns.id,
      reason,
      answer: answer.packet,
      step: cause,
      ...errnoOf(at, reason),
    },
    packet: at.skb.packet,
    answer,
  };
}

/** nf_hook_slow() returns -EPERM, which reaches the sender while the packet is still inside its system call. */
function errnoOf(at: Cursor, reason: DropReason): { readonly errno?: string } {
  return at.inSendCall === true && (reason.startsWith('NETFILTER') || reason === 'IPVS_NO_DESTINATION') ? { errno: 'EPERM' } : {};
}

/** A netfilter hook did not let the packet pass. */
export function stopped(run: Run, netns: Netns, at: Cursor, result: Exclude<HookResult, { kind: 'accept' }>): Next {
  const here: Cursor = { ...at, skb: result.skb };
  if (result.kind === 'stolen') return result.next(here);
  if (result.kind === 'reject') {
    return answerWith(run, netns, here, 'NETFILTER_REJECT', rejection(run, netns, here, result.with), result.step);
  }
  const reason = result.step?.rule === undefined ? 'NETFILTER_POLICY' : 'NETFILTER_RULE';
  return drop(run, netns, here, reason, { step: result.step, ...errnoOf(at, reason) });
}

export type IcmpMessage = {
  readonly type: number;
  readonly code: number;
  readonly mtu?: number /** The packet was for this machine (RTCF_LOCAL). */;
  readonly local?: boolean;
};

/** ICMPv4 codes of the reject-with forms (net/ipv4/netfilter/ipt_REJECT.c reject_tg()). */
const REJECT_CODES: Readonly<Partial<Record<RejectWith, number>>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};

function rejection(run: Run, netns: Netns, at: Cursor, how: RejectWith): Answer | undefined {
  if (how === 'tcp-reset') return tcpReset(netns, at.skb);
  const local = addressType(netns, at.skb.packet.dst) === 'LOCAL';
  return icmpError(run, netns, at.skb, { type: 3, code: REJECT_CODES[how] ?? 3, local });
}

/** nf_send_reset(): from the address the packet was for, attached to the packet's connection. */
function tcpReset(netns: Netns, skb: Skb): Answer | undefined {
  const t = skb.packet.transport;
  if (t.proto !== 'tcp' || t.flags.includes('RST')) return undefined;
  const to = addressType(netns, skb.packet.dst);
  if (to === 'BROADCAST' || to === 'MULTICAST') return undefined;
  const { bridge, frame } = skb;
  // nf_send_reset() on a packet that a bridge has shown to iptables: the frame is turned round.
  const straightOut =
    bridge === undefined || frame === undefined
      ? {}
      : { straightOut: { device: bridge.physIn, source: frame.destination, destination: frame.source } };
  return {
    netns: netns.id,
    packet: resetFor(netns, skb.packet),
    anySource: true,
    connection: attach(skb.connection),
    kernelMade: true,
    socketless: true,
    ...(skb.untracked === true ? { attachedNothing: true } : {}),
    ...straightOut,
  };
}

/** nf_conntrack_attach(): what answers a packet belongs to its connection, in the other direction, without a look-up. */
function attach(connection: Attachment | undefined): Attachment | undefined {
  if (connection === undefined) return undefined;
  return {
    connection: connection.connection,
    direction: connection.direction === 'ORIGINAL' ? 'REPLY' : 'ORIGINAL',
    info: 'RELATED',
  };
}

/** The RST that answers a segment. */
export function resetFor(netns: Netns, packet: Packet): Packet {
  const t = packet.transport;
  const ports = t.proto === 'tcp' ? { sport: t.dport, dport: t.sport } : { sport: 0, dport: 0 };
  return {
    src: packet.dst,
    dst: packet.src,
    ttl: netns.sysctls.number('net.ipv4.ip_default_ttl'),
    length: 40,
    dontFragment: true,
    transport: { proto: 'tcp', ...ports, flags: ['RST', 'ACK'] },
  };
}

/** net/ipv4/icmp.c __icmp_send(): undefined where none may be sent (RFC 1122 section 3.2.2) or none can be routed. */
function icmpError(run: Run, netns: Netns, skb: Skb, message: IcmpMessage): Answer | undefined {
  const { packet } = skb;
  if (isIcmpError(packet) || packet.laterFragment === true) return undefined;
  const kind = addressType(netns, packet.src);
  if (kind === 'BROADCAST' || kind === 'MULTICAST') return undefined;
  const to = addressType(netns, packet.dst);
  if (to === 'BROADCAST' || to === 'MULTICAST') return undefined;
  const transport: Icmp = {
    proto: typeof packet.src === 'number' ? 'icmp' : 'icmpv6',
    type: message.type,
    code: message.code,
    quoted: packet,
    ...(message.mtu === undefined ? {} : { mtu: message.mtu }),
  };
  const error: Packet = {
    src: ip4(0),
    dst: packet.src,
    ttl: Number(netns.sysctls.get('net.ipv4.ip_default_ttl') ?? 64),
    length: 28 + Math.min(packet.length, 548),
    dontFragment: false,
    // The precedence of internetwork control, and the type of service of the packet in question (RFC 1812 section 4.3.2.5).
    dscp: 0x30 | ((packet.dscp ?? 0) & 7),
    transport,
  };
  // icmp_route_lookup(): the answer to a packet for this machine speaks from the address it was for.
  const routed = routeOutput(run, netns, error, { source: message.local ? packet.dst : undefined, mark: 0 });
  const { outcome, source } = routed;
  if (outcome.kind === 'fail' || source === undefined) return undefined;
  // icmp_glue_bits() attaches the error to the connection of the packet it quotes (nf_ct_attach()).
  return {
    netns: netns.id,
    packet: { ...error, src: source },
    anySource: false,
    connection: attach(skb.connection),
    kernelMade: true,
    routed,
    ...(skb.untracked === true ? { attachedNothing: true } : {}),
  };
}
