/**
 * What IPVS does with a packet at the hooks where it stands: net/netfilter/ipvs/ip_vs_core.c ip_vs_ops4.
 *
 *   INPUT    98 a reply of a server for a client here       99 a request from outside: rewritten, it leaves by OUTPUT
 *   OUTPUT  -99 a reply of a server that runs here         -98 a request of this machine: rewritten, OUTPUT begins again
 *   FORWARD 100 a reply of a server elsewhere, on its way to the client
 *
 * Not modelled: errors about replies (FORWARD 99), the forwarding methods other than masquerading, helpers (FTP, SIP),
 * synchronisation, drop_entry, and what takes time: expiry, conn_reuse_mode, expire_nodest_conn.
 */
import { isIp4 } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { HookPlace } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import { isLoopback } from '../route/address-type.ts';
import { routeOutput } from '../route/output.ts';
import { drop, refuse } from '../walk/end.ts';
import { pathMtu } from '../walk/path-mtu.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import { type Cursor, go, type Next } from '../walk/stage.ts';
import type { IpvsStep } from '../walk/step.ts';
import { IPVS_CONNECTIONS, IPVS_KEY, type IpvsConnection, type IpvsConnections, inverse } from './connection.ts';
import { flowOf, translateError, withDestination, withSource } from './rewrite.ts';
import { chooseServer, connectionOf, printService, serviceFor } from './schedule.ts';
import type { RealServer, VirtualServer } from './virtual-server.ts';

/** The packet goes on in the hook, or it leaves the hook for good by the way that `next` says. */
export type IpvsOutcome =
  | { readonly kind: 'pass'; readonly skb: Skb }
  | { readonly kind: 'leave'; readonly skb: Skb; readonly next: (at: Cursor) => Next };

/** `reply`: ip_vs_out_hook(); `request`: ip_vs_in_hook(). */
export type IpvsPart = 'reply' | 'request';

export function passIpvs(run: Run, netns: Netns, hook: Hook, part: IpvsPart, skb: Skb, place: HookPlace): IpvsOutcome {
  // "Already marked as IPVS request or reply?"
  if (skb.ipvsProperty === true || netns.ipvs().all.length === 0) return { kind: 'pass', skb };
  const at = { run, netns, hook, skb, place, connections: connectionsOf(run, netns) };
  return part === 'reply' ? reply(at) : request(at);
}

type IcmpMessage = Parameters<typeof refuse>[4];

type At = {
  readonly run: Run;
  readonly netns: Netns;
  readonly hook: Hook;
  readonly skb: Skb;
  readonly place: HookPlace;
  readonly connections: IpvsConnections;
};

export function connectionsOf(run: Run, netns: Netns): IpvsConnections {
  return run.memory(netns.id).state.get(IPVS_CONNECTIONS, IPVS_KEY);
}

/** handle_response(): the server's address gives way to the virtual one. */
function reply(at: At): IpvsOutcome {
  const { connections, skb } = at;
  const { transport } = skb.packet;
  if ((transport.proto === 'icmp' || transport.proto === 'icmpv6') && transport.quoted !== undefined) {
    const quoted = flowOf(transport.quoted);
    const found = quoted === undefined ? undefined : connections.out(inverse(quoted));
    if (found?.server.method !== 'masquerade') return { kind: 'pass', skb };
    return answered(at, found, translateError(skb.packet, transport.quoted, found));
  }
  const flow = flowOf(skb.packet);
  const found = flow === undefined ? undefined : connections.out(flow);
  if (found?.server.method !== 'masquerade') return { kind: 'pass', skb };
  return answered(at, found, withSource(skb.packet, found.virtual, found.virtualPort));
}

function answered(at: At, connection: IpvsConnection, after: Packet): IpvsOutcome {
  const { hook, place, netns, skb } = at;
  emit(at, connection.service, connection.server, after, true);
  const changed = tracked(at, connection, { ...skb, packet: after, ipvsProperty: true }, false);
  // ip_vs_route_me_harder(): the reply leaves as a packet of this machine would; net.ipv4.vs.snat_reroute is 1.
  const reroutes = hook !== 'INPUT' && netns.sysctls.number('net.ipv4.vs.snat_reroute') !== 0;
  const local = hook === 'OUTPUT' && netns.devices.get(place.outDevice ?? '')?.kind === 'loopback';
  if (reroutes && !local && place.reroute?.(changed) === false) {
    return { kind: 'leave', skb: changed, next: (cursor) => drop(at.run, netns, cursor, 'IP_OUTNOROUTES') };
  }
  return { kind: 'pass', skb: changed };
}

/** ip_vs_in_hook(): a packet of a known connection, or one that opens a new one. */
function request(at: At): IpvsOutcome {
  const { run, netns, skb, connections } = at;
  const flow = flowOf(skb.packet);
  if (flow === undefined) return { kind: 'pass', skb };
  const known = connections.in(flow);
  if (known !== undefined) return transmit(at, known);
  const service = serviceFor(netns.ipvs(), skb.packet, skb.mark, flow);
  if (service === undefined) return { kind: 'pass', skb };
  // "Do not schedule replies from local real server."
  const here = at.place.inDevice === undefined || netns.devices.get(at.place.inDevice)?.kind === 'loopback';
  if (here && connections.in(inverse(flow)) !== undefined) return { kind: 'pass', skb };
  const server = chooseServer(run, service, flow);
  if (server === undefined) {
    // ip_vs_leave(): port unreachable whatever the protocol is.
    emit(at, service, undefined, skb.packet, false);
    return refused(at, 'IPVS_NO_DESTINATION', unreachable(skb.packet, 'port'), service);
  }
  const connection = connectionOf(service, server, flow);
  // A one-packet connection is gone when its packet is: ip_vs_conn_hash() leaves it out.
  if (!(service.onePacket && flow.protocol === 'udp')) connections.add(connection);
  return transmit(at, connection);
}

/** ip_vs_nat_xmit() */
function transmit(at: At, connection: IpvsConnection): IpvsOutcome {
  const { run, netns, skb } = at;
  const { service, server } = connection;
  if (server.method !== 'masquerade') return unmodelled(at, service, server);
  const dnat = withDestination(skb.packet, connection.destination, connection.destinationPort);
  // do_output_route4(): by the destination alone, without the packet's mark or source.
  const routed = routeOutput(run, netns, dnat, { source: undefined, mark: 0 });
  const { outcome } = routed;
  if (outcome.kind === 'fail') {
    emit(at, service, server, dnat, false);
    return refused(at, 'IP_OUTNOROUTES', unreachable(skb.packet, 'host'));
  }
  if (outcome.kind === 'local') {
    emit(at, service, server, dnat, false);
    const local = { ...skb, packet: dnat, ipvsProperty: true };
    // A server at 127.0.0.1 takes no connections from elsewhere.
    if (isLoopback(server.address) && at.hook === 'INPUT')
      return { kind: 'leave', skb: local, next: (cursor) => drop(run, netns, cursor, 'IP_LOCALNET') };
    return { kind: 'pass', skb: tracked(at, connection, local, true) };
  }
  // crosses_local_route_boundary()
  if (isLoopback(skb.packet.src))
    return { kind: 'leave', skb, next: (cursor) => drop(run, netns, cursor, 'IP_LOCALNET') };
  if (skb.packet.ttl <= 1) return refused(at, 'IP_TTL', expired(skb.packet));
  const mtu = pathMtu(netns, outcome.device, outcome.route.mtu);
  if (skb.packet.length > mtu && (skb.packet.dontFragment || !isIp4(skb.packet.src)))
    return refused(at, 'PKT_TOO_BIG', { ...tooBig(skb.packet), mtu });
  const after = { ...dnat, ttl: dnat.ttl - 1 };
  emit(at, service, server, after, false);
  const { route: _, frame: __, ...rest } = skb;
  const left = tracked(at, connection, { ...rest, packet: after, ipvsProperty: true }, true);
  // The packet starts at OUTPUT, with its source as it is.
  const next = (): Next => go('output', { netns: netns.id, skb: left, routed: { ...routed, source: undefined } });
  return { kind: 'leave', skb: left, next };
}

/** ip_vs_update_conntrack() with net.ipv4.vs.conntrack, ip_vs_notrack() without. */
function tracked({ netns }: At, connection: IpvsConnection, skb: Skb, outwards: boolean): Skb {
  if (netns.sysctls.number('net.ipv4.vs.conntrack') === 0) {
    if (skb.connection === undefined) return skb;
    const { connection: _, ...rest } = skb;
    return { ...rest, untracked: true };
  }
  const entry = skb.connection?.connection;
  if (entry !== undefined && !entry.confirmed) {
    entry.reply = outwards
      ? { ...entry.reply, src: connection.destination, sport: connection.destinationPort }
      : { ...entry.reply, dst: connection.virtual, dport: connection.virtualPort };
  }
  return skb;
}

/** Direct routing and tunnelling: whether the server takes the packet is not known here. */
function unmodelled({ run, skb, netns }: At, service: VirtualServer, server: RealServer): IpvsOutcome {
  const options = [
    { label: 'lost', probability: undefined },
    { label: 'goes on as it is', probability: undefined },
  ];
  const what = `IPVS forwarding method ${server.method} of ${printService(service)}`;
  if (run.decide({ what, options }) === 1) return { kind: 'pass', skb: { ...skb, ipvsProperty: true } };
  return { kind: 'leave', skb, next: (cursor) => drop(run, netns, cursor, 'IPVS_UNMODELLED', { detail: what }) };
}

/** Without a server the virtual server itself is to blame. */
function refused(
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

function unreachable({ src }: Packet, what: 'port' | 'host'): IcmpMessage {
  if (isIp4(src)) return { type: 3, code: what === 'port' ? 3 : 1, local: true };
  return { type: 1, code: what === 'port' ? 4 : 3, local: true };
}

function expired({ src }: Packet): IcmpMessage {
  return isIp4(src) ? { type: 11, code: 0, local: true } : { type: 3, code: 0, local: true };
}

function tooBig({ src }: Packet): IcmpMessage {
  return isIp4(src) ? { type: 3, code: 4, local: true } : { type: 2, code: 0, local: true };
}

function emit(
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
