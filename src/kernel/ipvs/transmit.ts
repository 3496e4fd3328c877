/** How a packet of a connection goes to its server, one function for each forwarding method: net/netfilter/ipvs/ip_vs_xmit.c */
import { isIp4 } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import { isLoopback } from '../route/address-type.ts';
import { type OutputRoute, routeOutput } from '../route/output.ts';
import { pathMtu } from '../walk/path-mtu.ts';
import { type Skb, scrub } from '../walk/skb.ts';
import { go, type Next } from '../walk/stage.ts';
import type { RouteOutcome } from '../walk/step.ts';
import type { IpvsConnection } from './connection.ts';
import { tracked, trackedAsIs } from './conntrack.ts';
import { type At, dropped, emit, type IpvsOutcome, refused } from './outcome.ts';
import { withDestination, withSource } from './rewrite.ts';

/** Sends a request on its way, by the method of its server. */
export function transmit(at: At, connection: IpvsConnection): IpvsOutcome {
  switch (connection.server.method) {
    case 'masquerade':
      return translate(at, connection);
    case 'gatewaying':
      return sendDirectly(at, connection);
    case 'tunneling':
      return sendThroughTunnel(at, connection);
  }
}

type Way =
  /** The server is this machine. */
  | { readonly kind: 'local' }
  | { readonly kind: 'forward'; readonly routed: OutputRoute; readonly outcome: Forwarded; readonly mtu: number }
  | { readonly kind: 'end'; readonly outcome: IpvsOutcome };

type Forwarded = Extract<RouteOutcome, { kind: 'forward' }>;

/**
 * __ip_vs_get_out_rt(): the way to the server, by its address alone; then the packet's hops and its length.
 *
 * @param meant the packet as the server should have got it, told where there is no way
 * @param overhead bytes that a tunnel adds
 */
function wayToServer(at: At, { server, destination, service }: IpvsConnection, meant: Packet, overhead = 0): Way {
  const { run, netns, skb } = at;
  const { packet } = skb;
  // do_output_route4(): without the packet's mark or source.
  const routed = routeOutput(run, netns, { ...packet, dst: destination }, { source: undefined, mark: 0 });
  const { outcome } = routed;
  const end = (reached: IpvsOutcome): Way => ({ kind: 'end', outcome: reached });
  if (outcome.kind === 'fail') {
    emit(at, service, server, meant, false);
    return end(refused(at, 'IP_OUTNOROUTES', 'host-unreachable'));
  }
  if (outcome.kind === 'local') return { kind: 'local' };
  // crosses_local_route_boundary()
  if (isLoopback(packet.src)) return end(dropped(at, 'IP_LOCALNET'));
  // decrement_ttl()
  if (packet.ttl <= 1) return end(refused(at, 'IP_TTL', 'time-exceeded'));
  // ensure_mtu_is_adequate()
  const mtu = pathMtu(netns, outcome.device, outcome.route.mtu) - overhead;
  if (packet.length > mtu && (packet.dontFragment || !isIp4(packet.src))) {
    return end(refused(at, 'PKT_TOO_BIG', 'too-big', { mtu }));
  }
  return { kind: 'forward', routed, outcome, mtu };
}

/** ip_vs_nat_xmit() */
function translate(at: At, connection: IpvsConnection): IpvsOutcome {
  const { netns, skb } = at;
  const { service, server, destination, destinationPort } = connection;
  const dnat = withDestination(skb.packet, destination, destinationPort);
  const way = wayToServer(at, connection, dnat);
  if (way.kind === 'end') return way.outcome;
  if (way.kind === 'local') {
    emit(at, service, server, dnat, false);
    const local = { ...skb, packet: dnat, ipvsProperty: true };
    // A server at 127.0.0.1 takes no connections from elsewhere.
    if (isLoopback(server.address) && at.hook === 'INPUT') return dropped({ ...at, skb: local }, 'IP_LOCALNET');
    return { kind: 'pass', skb: tracked(netns, connection, local, true) };
  }
  const after = { ...dnat, ttl: dnat.ttl - 1 };
  emit(at, service, server, after, false);
  return leaves(at, tracked(netns, connection, withoutPlace(skb, after), true), way.routed);
}

/** ip_vs_dr_xmit(): as it is, to the server's link address. The server has to hold the virtual address as well. */
function sendDirectly(at: At, connection: IpvsConnection): IpvsOutcome {
  const { netns, skb } = at;
  const { service, server } = connection;
  const way = wayToServer(at, connection, skb.packet);
  if (way.kind === 'end') return way.outcome;
  if (way.kind === 'local') {
    emit(at, service, server, skb.packet, false);
    return { kind: 'pass', skb: trackedAsIs(netns, { ...skb, ipvsProperty: true }) };
  }
  const after = { ...skb.packet, ttl: skb.packet.ttl - 1 };
  emit(at, service, server, after, false);
  // FLOWI_FLAG_KNOWN_NH: the neighbour that is asked for is the server, not the packet's destination.
  const outcome = { ...way.outcome, via: way.outcome.via ?? connection.destination };
  return leaves(at, trackedAsIs(netns, withoutPlace(skb, after)), { ...way.routed, outcome });
}

/** ip_vs_tunnel_xmit(): inside a packet of this machine's own, of IPIP; the server has to take both apart. */
function sendThroughTunnel(at: At, connection: IpvsConnection): IpvsOutcome {
  const { run, netns, skb } = at;
  const { service, server, destination } = connection;
  const header = isIp4(destination) ? 20 : 40;
  const way = wayToServer(at, connection, skb.packet, header);
  if (way.kind === 'end') return way.outcome;
  if (way.kind === 'local') {
    emit(at, service, server, skb.packet, false);
    return { kind: 'pass', skb: trackedAsIs(netns, { ...skb, ipvsProperty: true }) };
  }
  const { source } = way.routed;
  if (source === undefined) return dropped(at, 'IP_OUTNOROUTES');
  const inner = { ...skb.packet, ttl: skb.packet.ttl - 1 };
  emit(at, service, server, inner, false);
  const outer: Packet = {
    src: source,
    dst: destination,
    // ip_vs_prepare_tunneled_skb(): hops, and with net.ipv4.vs.pmtu_disc (1) DF, are those of the packet inside.
    ttl: inner.ttl,
    length: inner.length + header,
    dontFragment: inner.dontFragment,
    ...(inner.dscp === undefined ? {} : { dscp: inner.dscp }),
    transport: { proto: 'ipip', inner },
  };
  run.emit({ kind: 'encapsulate', netns: netns.id, packet: inner, device: way.outcome.device, outer });
  // ip_vs_tunnel_xmit_prepare(): nf_reset_ct(), but it is still IPVS's.
  const sent = { ...scrub({ ...skb, packet: outer }, false), ipvsProperty: true };
  return leaves({ ...at, skb: sent }, sent, way.routed);
}

/**
 * ip_vs_icmp_xmit(): an error about a reply goes to the server that sent the reply, and quotes it as the server knows it.
 * Servers of the other methods send replies under the virtual address, and are sent the error as they are sent requests.
 */
export function transmitError(at: At, connection: IpvsConnection, quoted: Packet): IpvsOutcome {
  const { netns, skb } = at;
  const { service, server, destination, destinationPort } = connection;
  if (server.method !== 'masquerade') return transmit(at, connection);
  const way = wayToServer(at, connection, skb.packet);
  if (way.kind === 'end') return way.outcome;
  const { transport } = skb.packet;
  if (transport.proto !== 'icmp' && transport.proto !== 'icmpv6') return { kind: 'pass', skb };
  // ip_vs_nat_icmp()
  const inside = withSource(quoted, destination, destinationPort);
  const translated: Packet = { ...skb.packet, dst: destination, transport: { ...transport, quoted: inside } };
  if (way.kind === 'local') {
    // "LOCALNODE from FORWARD hook is not supported"
    if (at.hook === 'FORWARD') return dropped(at, 'IP_OUTNOROUTES');
    emit(at, service, server, translated, false);
    return { kind: 'pass', skb: tracked(netns, connection, { ...skb, packet: translated, ipvsProperty: true }, true) };
  }
  const after = { ...translated, ttl: translated.ttl - 1 };
  emit(at, service, server, after, false);
  return leaves(at, tracked(netns, connection, withoutPlace(skb, after), true), way.routed);
}

/** What the packet had of its way in is gone: it has a new route. */
function withoutPlace(skb: Skb, packet: Packet): Skb {
  const { route: _, frame: __, ...rest } = skb;
  return { ...rest, packet, ipvsProperty: true };
}

/** NF_INET_LOCAL_OUT: the packet starts at OUTPUT, with its source as it is. */
function leaves({ netns }: At, skb: Skb, routed: OutputRoute): IpvsOutcome {
  const next = (): Next => go('output', { netns: netns.id, skb, routed: { ...routed, source: undefined } });
  return { kind: 'leave', skb, next };
}
