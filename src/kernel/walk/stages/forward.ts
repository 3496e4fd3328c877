/** net/ipv4/ip_forward.c ip_forward() */
import { runHook } from '../../netfilter/hook-run.ts';
import { drop, refuse, stopped } from '../end.ts';
import { pathMtu } from '../path-mtu.ts';
import type { Skb } from '../skb.ts';
import { go, type Stage } from '../stage.ts';
import { routeAgain } from './output.ts';

/** TTL and MTU are checked before the FORWARD hook, and the hook sees the TTL already lowered. */
export const forward: Stage = (run, netns, at) => {
  const { skb, inDevice, outDevice } = at;
  const { packet } = skb;
  if (packet.ttl <= 1) return refuse(run, netns, at, 'IP_TTL', { type: 11, code: 0 });
  const mtu = pathMtu(netns, outDevice, at.routeMtu);
  if (packet.length > mtu && packet.dontFragment)
    return refuse(run, netns, at, 'PKT_TOO_BIG', { type: 3, code: 4, mtu });
  const lowered = { ...packet, ttl: packet.ttl - 1 };
  run.emit({ kind: 'ttl', netns: netns.id, packet, after: lowered });
  let way = at;
  // Only IPVS asks: a reply that it translated leaves as one of this machine's own would.
  const reroute = (changed: Skb): boolean => {
    const outcome = routeAgain(run, netns, changed);
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
