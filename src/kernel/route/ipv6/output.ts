/** Where a packet of this machine goes, and with which source: net/ipv6/ip6_output.c ip6_dst_lookup_tail(). */
import { type Ip6, isIp6 } from '../../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../../net/packet.ts';
import type { Netns } from '../../netns.ts';
import type { Run } from '../../walk/run.ts';
import type { RouteOutcome } from '../../walk/step.ts';
import { outputFailure } from '../failure.ts';
import { type FibResult, fibLookup } from '../fib.ts';
import { chooseNexthop } from '../multipath.ts';
import type { OutputOptions, OutputRoute } from '../output.ts';
import type { PolicyRule, Route } from '../route.ts';
import { addressType6 } from './address-type.ts';
import { isOfLink, needsDevice } from './scope.ts';
import { holdsAddress6, selectAddress6 } from './source-address.ts';

/** The IPv6 half of routeOutput(). */
export function routeOutput6(run: Run, netns: Netns, packet: Packet, dst: Ip6, options: OutputOptions): OutputRoute {
  const { oif } = options;
  const source = options.source !== undefined && isIp6(options.source) ? options.source : undefined;
  // inet6_bind(): the address must be of a device. What answers from an address that only a route makes local was not bound.
  const own = source === undefined || options.anySource === true || mayBind(netns, source);
  if (!own) return outputFailure('IP_INVALID_SOURCE', 'EADDRNOTAVAIL');
  // __ip6_datagram_connect(), tcp_v6_connect(): an address of the link means nothing without a device.
  if (isOfLink(dst) && oif === undefined) return outputFailure('IP_INVALID_DEST', 'EINVAL');
  const lookUp = (src: Ip6 | undefined): FibResult =>
    fibLookup(netns, {
      src,
      dst,
      mark: options.mark,
      iif: 'lo',
      oif,
      strict: needsDevice(dst) || (oif !== undefined && src === undefined),
      protocol: protocolNumber(packet),
      ...(portsOf(packet) ?? {}),
    });
  const found = lookUp(source);
  if (found.kind === 'fail') {
    // ip6_dst_lookup_tail(): "pretend it never existed and let the SA-enabled version take over".
    const second = source === undefined ? selectAddress6(netns, undefined, dst) : undefined;
    if (second === undefined) return outputFailure(found.reason, found.error, found.route);
    return routeOutput6(run, netns, packet, dst, { ...options, source: second });
  }
  const { route, rule } = found;
  const leave = (outcome: RouteOutcome, device: string): OutputRoute =>
    withSource(outcome, source ?? route.prefSrc ?? selectAddress6(netns, device, dst), rule, route);
  switch (route.type) {
    case 'local':
    case 'anycast':
      return leave({ kind: 'local', device: 'lo', route }, route.device);
    case 'unicast': {
      const hop = chooseNexthop(run, netns, route, found.nexthops, packet, source);
      if (hop === undefined) return outputFailure('IP_OUTNOROUTES', 'ENETUNREACH', route);
      return leave({ kind: 'forward', device: hop.device, via: hop.via, route }, hop.device);
    }
    default:
      return outputFailure('IP_OUTNOROUTES', 'ENETUNREACH', route);
  }
}

function mayBind(netns: Netns, source: Ip6): boolean {
  return (
    holdsAddress6(netns, source) ||
    netns.sysctls.number('net.ipv6.ip_nonlocal_bind') !== 0 ||
    ['LOCAL', 'ANYCAST'].includes(addressType6(netns, source))
  );
}

function withSource(outcome: RouteOutcome, source: OutputRoute['source'], rule: PolicyRule, route: Route): OutputRoute {
  if (source === undefined) return outputFailure('IP_INVALID_SOURCE', 'EADDRNOTAVAIL', route);
  return { outcome, source, rule };
}
