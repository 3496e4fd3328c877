/** Packets of this machine: net/ipv4/ip_output.c __ip_queue_xmit(), __ip_local_out(), ip_output(); ip6_xmit(), ip6_output(). */
import { isIp6 } from '../../../net/address.ts';
import type { Packet } from '../../../net/packet.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { isOfLink } from '../../route/ipv6/scope.ts';
import { routeOutput } from '../../route/output.ts';
import { emitRoute } from '../emit.ts';
import { drop, refuse, stopped, tellsSender } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import { pathMtu } from '../path-mtu.ts';
import type { Run } from '../run.ts';
import type { Skb } from '../skb.ts';
import { type Cursor, go, type Next, type Stage } from '../stage.ts';
import type { RouteOutcome } from '../step.ts';
import { completeChecksum } from '../wrong-checksum.ts';

type Routed = Exclude<RouteOutcome, { kind: 'fail' }>;

/** Route, source address, OUTPUT hook, and a second route where the hook changed what the first depended on. */
export const output: Stage = (run, netns, at) => {
  const routed =
    at.routed ??
    routeOutput(run, netns, at.skb.packet, {
      source: at.source,
      mark: at.skb.mark,
      oif: at.oif,
      anySource: at.anySource ?? false,
    });
  const { outcome, source } = routed;
  const packet = source === undefined ? at.skb.packet : { ...at.skb.packet, src: source };
  const skb: Skb = { ...at.skb, packet };
  const here: Cursor = { ...at, skb };
  emitRoute(run, netns, packet, 'output', routed);
  if (outcome.kind === 'fail')
    return drop(run, netns, here, outcome.reason, { ...(at.inSendCall ? { errno: outcome.error } : {}) });
  const unsent = at.inSendCall === true ? neverSent(run, netns, here, outcome) : undefined;
  if (unsent !== undefined) return unsent;
  const way: { now: RouteOutcome } = { now: outcome };
  const reroute = (changed: Skb): boolean => {
    way.now = routeAgain(run, netns, changed, outcome.device);
    return way.now.kind !== 'fail';
  };
  const result = runHook(run, netns, 'OUTPUT', skb, { outDevice: outcome.device, reroute });
  if (way.now.kind === 'fail') {
    // tcp_connect() goes on retransmitting whatever the hook returned; other senders get the error.
    const errno = tellsSender(at) && packet.transport.proto !== 'tcp' ? { errno: way.now.error } : {};
    return drop(run, netns, { ...at, skb: result.skb }, way.now.reason, errno);
  }
  if (result.kind !== 'accept') return stopped(run, netns, here, result);
  return leave({ ...at, skb: result.skb }, way.now);
};

/** What the send call says no to before there is a packet. */
function neverSent(run: Run, netns: Netns, at: Cursor, { device, route }: Routed): Next | undefined {
  const { packet } = at.skb;
  // udp_sendmsg(), ping_v4_sendmsg(): only with SO_BROADCAST; tcp_v4_connect() never.
  if (addressType(netns, packet.dst) === 'BROADCAST') {
    const errno = packet.transport.proto === 'tcp' ? 'ENETUNREACH' : 'EACCES';
    return drop(run, netns, at, 'LOCAL_SEND_FAILED', { errno, detail: 'a broadcast address' });
  }
  // __ip_append_data(): what the first route's device cannot take never becomes a packet.
  if (packet.dontFragment && packet.length > pathMtu(netns, device, route.mtu))
    return drop(run, netns, at, 'PKT_TOO_BIG', { errno: 'EMSGSIZE' });
  return undefined;
}

/** ip_route_me_harder(): with the packet's own source, whatever that is. */
export function routeAgain(run: Run, netns: Netns, skb: Skb, device?: string): RouteOutcome {
  const { packet, mark } = skb;
  // ip6_route_me_harder(): what is of one link stays on the device it was routed to.
  const oif = isIp6(packet.dst) && isOfLink(packet.dst) ? { oif: device } : {};
  const routed = routeOutput(run, netns, packet, { source: packet.src, mark, anySource: true, ...oif });
  emitRoute(run, netns, packet, 'output', routed);
  return routed.outcome;
}

/** ip_local_out(): dst_output() asks the route for the way to POSTROUTING. */
function leave(at: Cursor, outcome: Routed): Next {
  const nexthop = outcome.kind === 'forward' ? (outcome.via ?? at.skb.packet.dst) : at.skb.packet.dst;
  const skb: Skb = outcome.kind === 'local' ? { ...at.skb, route: outcome } : at.skb;
  return go('postrouting', { ...at, skb, outDevice: outcome.device, nexthop, routeMtu: outcome.route.mtu });
}

/** ip_output(): POSTROUTING, then the device. Rules see the device that the packet came from as well (skb->dev). */
export const postrouting: Stage = (run, netns, at) => {
  const { outDevice, nexthop } = at;
  const place = { outDevice, nexthop, inDevice: at.inDevice ?? at.fromTunnel };
  const result = runHook(run, netns, 'POSTROUTING', at.skb, place);
  if (result.kind !== 'accept') return stopped(run, netns, at, result);
  const { packet } = result.skb;
  const mtu = pathMtu(netns, outDevice, at.routeMtu);
  // ip_fragment(): forwarded packets were checked before; one of this machine's can be too large after a second route.
  if (packet.length > mtu && (packet.dontFragment || isTunnelled6(packet)))
    return tooBig(
      at,
      refuse(run, netns, { ...at, skb: result.skb }, 'PKT_TOO_BIG', icmpMessage(packet, 'too-big', { mtu })),
    );
  const sent = packet.length > mtu ? { ...result.skb, packet: completeChecksum(packet) } : result.skb;
  return go('transmit', { ...at, skb: sent });
};

/** skb_scrub_packet() takes ignore_df away, without which ip6_fragment() takes nothing apart. */
function isTunnelled6({ dst, transport }: Packet): boolean {
  return isIp6(dst) && transport.proto === 'udp' && transport.payload?.kind === 'vxlan';
}

/** ip_fragment() and ip6_fragment() return -EMSGSIZE besides: the sender hears of it even where the error is lost. */
function tooBig(at: Cursor, end: Next): Next {
  if (!tellsSender(at) || end.kind !== 'end' || end.disposition.kind === 'delivered') return end;
  return { ...end, disposition: { ...end.disposition, errno: 'EMSGSIZE' } };
}
