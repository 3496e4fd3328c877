/** Where a received packet goes: net/ipv6/route.c ip6_route_input(), net/ipv6/ip6_output.c ip6_forward(). */
import { type Ip6, isIp6 } from '../../../net/address.ts';
import { portsOf, protocolNumber } from '../../../net/packet.ts';
import type { DropReason } from '../../drop-reason.ts';
import type { ReversePathOptions } from '../../netfilter/match.ts';
import type { Netns } from '../../netns.ts';
import type { Run } from '../../walk/run.ts';
import type { Skb } from '../../walk/skb.ts';
import { inputFailure } from '../failure.ts';
import { fibLookup } from '../fib.ts';
import type { InputRoute } from '../input.ts';
import { chooseNexthop } from '../multipath.ts';
import { isLinkLocal, needsDevice } from './scope.ts';

/**
 * The route of a packet to `dst` that came in by `device`.
 * @param bridged it may stay on the bridge, which forwards whatever ip6_forward() thinks of it.
 */
export function routeInput6(run: Run, netns: Netns, skb: Skb, device: string, dst: Ip6, bridged: boolean): InputRoute {
  const found = fibLookup(netns, {
    src: skb.packet.src,
    dst,
    mark: skb.mark,
    iif: device,
    strict: needsDevice(dst),
    protocol: protocolNumber(skb.packet),
    ...(portsOf(skb.packet) ?? {}),
  });
  if (found.kind === 'fail') return inputFailure(found.reason, found.error, found.route);
  const { route, rule } = found;
  switch (route.type) {
    case 'local':
    case 'anycast':
      return { outcome: { kind: 'local', device: route.device, route }, rule };
    case 'unicast': {
      // ip6_forward() asks conf.all alone; what a device's own forwarding says is whether it acts as a router towards hosts.
      if (!bridged && netns.sysctls.number('net.ipv6.conf.all.forwarding') === 0)
        return inputFailure('IP_FORWARD_DISABLED', 'EHOSTUNREACH', found.route);
      const hop = chooseNexthop(run, netns, route, found.nexthops, skb.packet, skb.packet.src);
      if (hop === undefined) return inputFailure('IP_INVALID_DEST', 'EINVAL', found.route);
      return { outcome: { kind: 'forward', device: hop.device, via: hop.via, route }, rule };
    }
    default:
      // Groups are not modelled.
      return inputFailure('IP_INVALID_DEST', 'EINVAL', found.route);
  }
}

/** ip6_rcv_core(): what never gets as far as PREROUTING. */
export function refusedAtReceipt(skb: Skb, loopback: boolean): DropReason | undefined {
  const { src, dst } = skb.packet;
  if (!isIp6(src) || !isIp6(dst)) return undefined;
  // RFC 4291 section 2.5.3 and 2.7
  if (!loopback && (src === 1n || dst === 1n)) return 'IP_LOCALNET';
  return src >> 120n === 0xffn ? 'IP_INVALID_SOURCE' : undefined;
}

/** net/ipv6/netfilter/ip6t_rpfilter.c rpfilter_lookup_reverse6() */
export function reversePath6(netns: Netns, skb: Skb, device: string, options: ReversePathOptions): boolean {
  const { src, dst } = skb.packet;
  if (!isIp6(src) || !isIp6(dst)) return false;
  if (src === 0n) return true;
  const linkLocal = isLinkLocal(src);
  const found = fibLookup(netns, {
    src: dst >> 120n === 0xffn || dst === 0n ? undefined : dst,
    dst: src,
    mark: options.validMark ? skb.mark : 0,
    iif: 'lo',
    protocol: protocolNumber(skb.packet),
    ...(linkLocal || !options.loose ? { oif: device } : {}),
    strict: linkLocal,
  });
  if (found.kind === 'fail') return false;
  const { route } = found;
  if (route.type === 'local') return options.acceptLocal;
  if (route.type !== 'unicast') return false;
  return options.loose || found.nexthops.some((hop) => hop.device === device);
}
