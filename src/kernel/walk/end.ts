/** How a walk ends: dropped in silence, or with an answer to the sender. */
import { familyOf, isIp6 } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { HookResult } from '../netfilter/hook-run.ts';
import type { RejectWith } from '../netfilter/target.ts';
import type { Netns } from '../netns.ts';
import { addressType } from '../route/address-type.ts';
import { isLinkLocal } from '../route/ipv6/scope.ts';
import { routeOutput } from '../route/output.ts';
import { attach } from './attach.ts';
import { defaultHopLimit } from './hop-limit.ts';
import { type IcmpMessage, icmpError, rejectMessage } from './icmp-error.ts';
import type { Run } from './run.ts';
import type { Answer, Cursor, Next } from './stage.ts';
import type { Step } from './step.ts';
import { hasWrongChecksum } from './wrong-checksum.ts';

export type { IcmpMessage } from './icmp-error.ts';

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
  return answerWith(run, netns, at, reason, icmpError(run, netns, at.skb, message, errorDevice(at)), step);
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
  return tellsSender(at) && (reason.startsWith('NETFILTER') || reason === 'IPVS_NO_DESTINATION')
    ? { errno: 'EPERM' }
    : {};
}

/** ping_v6_sendmsg() does not look at what icmpv6_push_pending_frames() returns. */
export function tellsSender({ inSendCall, skb }: Cursor): boolean {
  return inSendCall === true && skb.packet.transport.proto !== 'icmpv6';
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

function rejection(run: Run, netns: Netns, at: Cursor, how: RejectWith): Answer | undefined {
  if (how === 'tcp-reset') return tcpReset(run, netns, at);
  // nf_send_unreach(), reject6_csum_ok(): a packet with a wrong checksum is answered by nothing.
  if (hasWrongChecksum(at)) return undefined;
  return icmpError(run, netns, at.skb, rejectMessage(netns, at.skb.packet, how), errorDevice(at));
}

/** IP6CB(skb)->iif, which ip6_rcv_core() takes from the route where there is one already. */
function errorDevice(at: Cursor): string | undefined {
  return at.routedDevice ?? at.inDevice;
}

/** nf_send_reset(): from the address the packet was for, attached to the packet's connection. */
function tcpReset(run: Run, netns: Netns, at: Cursor): Answer | undefined {
  const { skb } = at;
  const t = skb.packet.transport;
  if (t.proto !== 'tcp' || t.flags.includes('RST')) return undefined;
  const to = addressType(netns, skb.packet.dst);
  if (to === 'BROADCAST' || to === 'MULTICAST') return undefined;
  const { bridge, frame } = skb;
  const packet = resetFor(netns, skb.packet);
  // nf_send_reset() on a packet that a bridge has shown to iptables: the frame is turned round, if there is a route at all.
  const route = { source: packet.src, anySource: true, mark: 0 };
  if (bridge !== undefined && routeOutput(run, netns, packet, route).outcome.kind === 'fail') return undefined;
  const straightOut =
    bridge === undefined || frame === undefined
      ? {}
      : { straightOut: { device: bridge.physIn, source: frame.destination, destination: frame.source } };
  return {
    netns: netns.id,
    packet,
    anySource: true,
    connection: attach(skb.connection),
    kernelMade: true,
    socketless: true,
    ...(skb.untracked === true ? { attachedNothing: true } : {}),
    ...straightOut,
    ...replyDevice(at),
  };
}

/** inet6_iif(): an answer to an address of the link leaves by the device that the question came in by. */
export function replyDevice({ inDevice, skb }: Cursor): { readonly oif?: string } {
  const { src } = skb.packet;
  return inDevice !== undefined && isIp6(src) && isLinkLocal(src) ? { oif: inDevice } : {};
}

/** The RST that answers a segment; one with ACK is answered without (tcp_v4_send_reset(), nf_reject_ip_tcphdr_put()). */
export function resetFor(netns: Netns, packet: Packet): Packet {
  const t = packet.transport;
  const acknowledges = t.proto === 'tcp' && t.flags.includes('ACK');
  const ports = t.proto === 'tcp' ? { sport: t.dport, dport: t.sport } : { sport: 0, dport: 0 };
  return {
    src: packet.dst,
    dst: packet.src,
    ttl: defaultHopLimit(netns, familyOf(packet.dst)),
    length: isIp6(packet.dst) ? 60 : 40,
    dontFragment: true,
    transport: { proto: 'tcp', ...ports, flags: acknowledges ? ['RST'] : ['RST', 'ACK'] },
  };
}
