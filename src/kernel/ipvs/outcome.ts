/** What a hook of IPVS makes of a packet, and how that is recorded. */
import type { Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { HookPlace } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import { drop, refuse } from '../walk/end.ts';
import { type IcmpErrorKind, icmpMessage } from '../walk/icmp-error.ts';
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

/** A packet at a hook of IPVS. */
export type At = {
  readonly run: Run;
  readonly netns: Netns;
  readonly hook: Hook;
  readonly skb: Skb;
  readonly place: HookPlace;
  readonly connections: IpvsConnections;
};

/** NF_DROP, and nobody is told. */
export function dropped({ run, netns, skb }: At, reason: DropReason): IpvsOutcome {
  return { kind: 'leave', skb, next: (cursor) => drop(run, netns, cursor, reason) };
}

/** The sender is told. Without a server the virtual server itself is to blame. */
export function refused(
  { run, netns, skb }: At,
  reason: DropReason,
  what: IcmpErrorKind,
  { service, mtu }: { readonly service?: VirtualServer; readonly mtu?: number } = {},
): IpvsOutcome {
  // The packet is for this machine: the error speaks from the virtual server's address.
  const message = icmpMessage(skb.packet, what, { local: true, ...(mtu === undefined ? {} : { mtu }) });
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

/** A translation, or that there was no server to translate to. */
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
