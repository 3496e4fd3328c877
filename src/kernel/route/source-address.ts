/** Which of its addresses a machine speaks with: net/ipv4/devinet.c inet_select_addr(). */
import { type IpAddr, isIp4, isIp6 } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import type { DeviceAddress, Scope } from '../link/device.ts';
import type { Netns } from '../netns.ts';
import { scopeReaches } from './fib.ts';
import { selectAddress6 } from './ipv6/source-address.ts';
import type { Nexthop, Route } from './route.ts';

/**
 * For IPv6 see selectAddress6(), which minds neither `scope` nor the route. The first primary address of the device whose subnet holds `destination`, else its first primary one; where the device
 * has none, the first of any device in ifindex order. Only addresses that reach at least `scope`.
 */
export function selectAddress(
  netns: Netns,
  device: string,
  destination: IpAddr | undefined,
  scope: Scope,
): IpAddr | undefined {
  if (destination !== undefined && isIp6(destination)) return selectAddress6(netns, device, destination);
  const own =
    netns.devices.get(device)?.addresses.filter((a) => isIp4(a.ip) && !a.secondary && scopeReaches(a.scope, scope)) ??
    [];
  const near = own.find((a) => destination === undefined || contains(subnet(a), destination)) ?? own[0];
  if (near !== undefined) return near.ip;
  for (const other of netns.devices.values()) {
    const found = other.addresses.find(
      (a) => isIp4(a.ip) && !a.secondary && a.scope !== 'link' && scopeReaches(a.scope, scope),
    );
    if (found !== undefined) return found.ip;
  }
  return undefined;
}

function subnet(address: DeviceAddress): { addr: IpAddr; bits: number } {
  return { addr: address.peer ?? address.ip, bits: address.bits };
}

/** fib_result_prefsrc(): the route's `src`, else an address of the way out. */
export function sourceForRoute(netns: Netns, route: Route, hop: Nexthop): IpAddr | undefined {
  return route.prefSrc ?? selectAddress(netns, hop.device, hop.via, route.scope);
}
