/**
 * What IPVS does with a packet at the hooks where it stands: net/netfilter/ipvs/ip_vs_core.c ip_vs_ops4.
 *
 *   INPUT    98 a reply of a server for a client here       99 a request from outside: rewritten, it leaves by OUTPUT
 *   OUTPUT  -99 a reply of a server that runs here         -98 a request of this machine: rewritten, OUTPUT begins again
 *   FORWARD 100 a reply of a server elsewhere, on its way to the client
 *            99 an error by ICMP about such a reply, where the virtual address is none of this machine's own
 *
 * Not modelled: helpers (FTP, SIP), synchronisation, drop_entry, schedule_icmp, errors inside tunnels, and what takes time:
 * expiry, conn_reuse_mode, expire_nodest_conn.
 */
import type { Packet } from '../../net/packet.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { HookPlace } from '../netfilter/hook-run.ts';
import type { Netns } from '../netns.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import { IPVS_CONNECTIONS, IPVS_KEY, type IpvsConnection, type IpvsConnections, inverse } from './connection.ts';
import { tracked } from './conntrack.ts';
import { type At, dropped, emit, type IpvsOutcome, refused } from './outcome.ts';
import { flowOf, translateError, withSource } from './rewrite.ts';
import { chooseServer, connectionOf, serviceFor } from './schedule.ts';
import { transmit, transmitError } from './transmit.ts';

/** `reply`: ip_vs_out_hook(); `request`: ip_vs_in_hook(); `error`: ip_vs_forward_icmp(). */
type IpvsPart = 'reply' | 'request' | 'error';

/** ip_vs_out_hook(), ip_vs_in_hook(), ip_vs_forward_icmp(), whichever `part` names. */
export function passIpvs(run: Run, netns: Netns, hook: Hook, part: IpvsPart, skb: Skb, place: HookPlace): IpvsOutcome {
  // "Already marked as IPVS request or reply?"
  if (skb.ipvsProperty === true || netns.ipvs().all.length === 0) return { kind: 'pass', skb };
  const at = { run, netns, hook, skb, place, connections: connectionsOf(run, netns) };
  switch (part) {
    case 'reply':
      return reply(at);
    case 'request':
      return errorAboutReply(at) ?? request(at);
    case 'error':
      return errorAboutReply(at) ?? { kind: 'pass', skb };
  }
}

/** The namespace's connections of this run. */
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
  const changed = tracked(netns, connection, { ...skb, packet: after, ipvsProperty: true }, false);
  // ip_vs_route_me_harder(): the reply leaves as a packet of this machine would; net.ipv4.vs.snat_reroute is 1.
  const reroutes = hook !== 'INPUT' && netns.sysctls.number('net.ipv4.vs.snat_reroute') !== 0;
  const local = hook === 'OUTPUT' && netns.devices.get(place.outDevice ?? '')?.kind === 'loopback';
  if (reroutes && !local && place.reroute?.(changed) === false) {
    return dropped({ ...at, skb: changed }, 'IP_OUTNOROUTES');
  }
  return { kind: 'pass', skb: changed };
}

/** ip_vs_in_icmp(): an error about a reply of a known connection; undefined where it is none. */
function errorAboutReply(at: At): IpvsOutcome | undefined {
  const { transport } = at.skb.packet;
  if ((transport.proto !== 'icmp' && transport.proto !== 'icmpv6') || transport.quoted === undefined) return undefined;
  // ip_vs_in_icmp_v6() takes every error, ip_vs_in_icmp() those that a packet meets on its way.
  if (transport.proto === 'icmp' && ![UNREACHABLE, QUENCH, TIME_EXCEEDED].includes(transport.type)) return undefined;
  const quoted = flowOf(transport.quoted);
  const found = quoted === undefined ? undefined : at.connections.in(inverse(quoted));
  return found === undefined ? undefined : transmitError(at, found, transport.quoted);
}

const UNREACHABLE = 3;
const QUENCH = 4;
const TIME_EXCEEDED = 11;

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
    return refused(at, 'IPVS_NO_DESTINATION', 'port-unreachable', { service });
  }
  const connection = connectionOf(service, server, flow);
  // A one-packet connection is gone when its packet is: ip_vs_conn_hash() leaves it out.
  if (!(service.onePacket && flow.protocol === 'udp')) connections.add(connection);
  return transmit(at, connection);
}
