/** What a hook of IPVS makes of a packet, and how that is recorded. */
import { isIp4 } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { HookPlace } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import { drop, refuse } from '../walk/end.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { Cursor, Next } from '../walk/stage.ts';
import type { IpvsStep } from '../walk/step.ts';
import type { IpvsConnections } from './connection.ts';
import { printService } from './schedule.ts';
import type { RealServer, VirtualServer } from './virtual-server.ts';

/** The packet goes on in the hook, or it leaves the hook for good by the way that `next` says. */
export type IpvsOutcome =
  | { readonly kind: 'pass'; readonly skb: Skb }
  | { readonly kind: 'leave'; readonly skb: Skb; readonly next: (at: Cursor) => Next };

export type At = {
  readonly run: Run;
  readonly netns: Netns;
  readonly hook: Hook;
  readonly skb: Skb;
  readonly place: HookPlace;
  readonly connections: IpvsConnections;
};

type IcmpMessage = Parameters<typeof refuse>[4];

/** NF_DROP, and nobody is told. */
export function dropped({ run, netns, skb }: At, reason: DropReason): IpvsOutcome {
  return { kind: 'leave', skb, next: (cursor) => drop(run, netns, cursor, reason) };
}

/** The sender is told. Without a server the virtual server itself is to blame. */
export function refused(
  { run, netns, skb }: At,
  reason: DropReason,
  message: IcmpMessage,
  service?: VirtualServer,
): IpvsOutcome {
  const detail = service === undefined ? {} : { detail: printService(service) };
  const origin = service?.origin === undefined ? {} : { origin: service.origin };
  return {
    kind: 'leave',
    skb,
    next: (cursor) => {
      const step = { kind: 'drop', netns: netns.id, packet: cursor.skb.packet, reason, ...detail, ...origin } as const;
      run.emit(step);
      return refuse(run, netns, cursor, reason, message, step);
    },
  };
}

export function unreachable({ src }: Packet, what: 'port' | 'host'): IcmpMessage {
  if (isIp4(src)) return { type: 3, code: what === 'port' ? 3 : 1, local: true };
  return { type: 1, code: what === 'port' ? 4 : 3, local: true };
}

export function expired({ src }: Packet): IcmpMessage {
  return isIp4(src) ? { type: 11, code: 0, local: true } : { type: 3, code: 0, local: true };
}

export function tooBig({ src }: Packet, mtu: number): IcmpMessage {
  return isIp4(src) ? { type: 3, code: 4, local: true, mtu } : { type: 2, code: 0, local: true, mtu };
}

export function emit(
  { run, netns, hook, skb }: At,
  service: VirtualServer,
  server: RealServer | undefined,
  after: Packet,
  isReply: boolean,
): void {
  const origin = server?.origin ?? service.origin;
  const step: IpvsStep = {
    kind: 'ipvs',
    netns: netns.id,
    packet: skb.packet,
    hook,
    service,
    server,
    after,
    reply: isReply,
    ...(origin === undefined ? {} : { origin }),
  };
  run.emit(step);
}
