/** Where a packet of this machine goes, and with which source address: net/ipv4/route.c ip_route_output_key_hash_rcu(). */
import { type IpAddr, isIp6 } from '../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../net/packet.ts';
import type { Netns } from '../netns.ts';
import type { Run } from '../walk/run.ts';
import type { RouteOutcome } from '../walk/step.ts';
import { isLimitedBroadcast, isLoopback, isMulticast, isZeronet } from './address-type.ts';
import { outputFailure } from './failure.ts';
import { fibLookup, holdsAddress } from './fib.ts';
import { routeOutput6 } from './ipv6/output.ts';
import { chooseNexthop } from './multipath.ts';
import type { PolicyRule } from './route.ts';
import { selectAddress, sourceForRoute } from './source-address.ts';

/** Where a packet of this machine goes. `source` is undefined where there is none to be had. */
export type OutputRoute = {
  readonly outcome: RouteOutcome;
  readonly source: IpAddr | undefined;
  readonly rule: PolicyRule | undefined;
};

/** struct flowi4, as far as the caller decides. */
export type OutputOptions = {
  /** The source is fixed; undefined: the route decides. */
  readonly source: IpAddr | undefined;
  readonly mark: number;
  readonly oif?: string | undefined;
  /** FLOWI_FLAG_ANYSRC: the source need not be an address of this machine. */
  readonly anySource?: boolean;
};

/** Routes `packet` (its own source is not looked at, `options.source` is). */
export function routeOutput(run: Run, netns: Netns, packet: Packet, options: OutputOptions): OutputRoute {
  if (isIp6(packet.dst)) return routeOutput6(run, netns, packet, packet.dst, options);
  const { source } = options;
  if (source !== undefined) {
    if (isMulticast(source) || isLimitedBroadcast(source) || isZeronet(source))
      return outputFailure('IP_INVALID_SOURCE', 'EINVAL');
    if (!options.anySource && !holdsAddress(netns, source)) return outputFailure('IP_INVALID_SOURCE', 'EINVAL');
  }
  const ports = portsOf(packet);
  const found = fibLookup(netns, {
    src: source,
    dst: packet.dst,
    mark: options.mark,
    iif: 'lo',
    oif: options.oif,
    protocol: protocolNumber(packet),
    ...(ports ?? {}),
  });
  if (found.kind === 'fail') return outputFailure(found.reason, found.error, found.route);
  const { route, rule } = found;
  if (route.type === 'local') {
    const loopback = { kind: 'local', device: 'lo', route } as const;
    return { outcome: loopback, source: source ?? route.prefSrc ?? packet.dst, rule };
  }
  if (route.type === 'broadcast') {
    const outcome = { kind: 'forward', device: route.device, via: undefined, route } as const;
    return { outcome, source: source ?? route.prefSrc ?? selectAddress(netns, route.device, undefined, 'link'), rule };
  }
  const hop = route.type === 'unicast' ? chooseNexthop(run, netns, route, found.nexthops, packet, source) : undefined;
  if (hop === undefined) return outputFailure('IP_OUTNOROUTES', 'ENETUNREACH', route);
  // __mkroute_output(): a loopback address leaves the machine only where route_localnet lets it.
  const localnet = netns.sysctls.effective(hop.device, 'route_localnet', 'or') !== 0;
  if (source !== undefined && isLoopback(source) && !localnet && netns.devices.get(hop.device)?.kind !== 'loopback') {
    return outputFailure('IP_LOCALNET', 'EINVAL', route);
  }
  const outcome = { kind: 'forward', device: hop.device, via: hop.via, route } as const;
  return { outcome, source: source ?? sourceForRoute(netns, route, hop), rule };
}
