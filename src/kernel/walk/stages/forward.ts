/** net/ipv4/ip_forward.c ip_forward(), net/ipv6/ip6_output.c ip6_forward() */
import { type Ip6, isIp6 } from '../../../net/address.ts';
import { runHook } from '../../netfilter/hook-run.ts';
import { isLinkLocal } from '../../route/ipv6/scope.ts';
import { drop, refuse, stopped } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import { pathMtu } from '../path-mtu.ts';
import { sendRedirect } from '../redirect.ts';
import { cameToAll, type Skb } from '../skb.ts';
import { go, type Stage } from '../stage.ts';
import { routeAgain } from './output.ts';

/** TTL and MTU are checked before the FORWARD hook, and the hook sees the TTL already lowered. */
export const forward: Stage = (run, netns, at) => {
  const { skb, inDevice, outDevice } = at;
  const { packet } = skb;
  // ip_forward() asks for PACKET_HOST before it looks at the TTL.
  if (cameToAll(skb)) return drop(run, netns, at, 'UNICAST_IGNORED', { detail: 'a frame to all' });
  if (packet.ttl <= 1) return refuse(run, netns, at, 'IP_TTL', icmpMessage(packet, 'time-exceeded'));
  const wrong = isIp6(packet.src) && inDevice !== outDevice ? sourceProblem(packet.src) : undefined;
  if (wrong === 'beyond-scope') return refuse(run, netns, at, 'IP_INVALID_SOURCE', { type: 1, code: 2 });
  if (wrong === 'invalid') return drop(run, netns, at, 'IP_INVALID_SOURCE');
  const mtu = pathMtu(netns, outDevice, at.routeMtu);
  // Routers do not fragment IPv6 (RFC 8200 section 5), whatever the sender thinks of it.
  if (packet.length > mtu && (packet.dontFragment || isIp6(packet.dst)))
    return refuse(run, netns, at, 'PKT_TOO_BIG', icmpMessage(packet, 'too-big', { mtu }));
  const lowered = { ...packet, ttl: packet.ttl - 1 };
  run.emit({ kind: 'ttl', netns: netns.id, packet, after: lowered });
  sendRedirect(run, netns, { ...at, skb: { ...skb, packet: lowered } });
  let way = at;
  // Only IPVS asks: a reply that it translated leaves as one of this machine's own would.
  const reroute = (changed: Skb): boolean => {
    const outcome = routeAgain(run, netns, changed, at.outDevice ?? 'lo');
    if (outcome.kind !== 'forward') return false;
    const { device, via, route } = outcome;
    way = { ...at, outDevice: device, nexthop: via ?? changed.packet.dst, routeMtu: route.mtu };
    return true;
  };
  const result = runHook(run, netns, 'FORWARD', { ...skb, packet: lowered }, { inDevice, outDevice, reroute });
  const next = { ...way, skb: { ...skb, packet: lowered } };
  if (result.kind !== 'accept') return stopped(run, netns, next, result);
  if (next.outDevice === undefined || next.nexthop === undefined) return drop(run, netns, next, 'IP_INNOROUTES');
  return go('postrouting', { ...next, skb: result.skb });
};

/** ip6_forward(): "this check is security critical". Packets that leave by the device they came in by are spared. */
function sourceProblem(source: Ip6): 'beyond-scope' | 'invalid' | undefined {
  if (source === 0n || source === 1n) return 'invalid';
  return isLinkLocal(source) ? 'beyond-scope' : undefined;
}
