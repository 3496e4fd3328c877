/** The addresses of this machine that NAT takes: net/netfilter/nf_nat_masquerade.c, nf_nat_redirect.c. */
import { type IpAddr, ip4, ip6, isIp4, isIp6 } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { Netns } from '../netns.ts';
import { scopeOf } from '../route/ipv6/scope.ts';
import { selectAddress6 } from '../route/ipv6/source-address.ts';
import { selectAddress } from '../route/source-address.ts';
import type { Hook } from './hook.ts';
import type { HookPlace } from './hook-run.ts';

/**
 * nf_nat_masquerade_ipv4(): an address of the device it leaves by, whatever `src` the route names.
 * nf_nat_masquerade_ipv6(): the one RFC 6724 takes for the destination.
 */
export function masqueradeAddress(netns: Netns, place: HookPlace, packet: Packet): IpAddr | undefined {
  const { outDevice, nexthop } = place;
  if (outDevice === undefined) return undefined;
  if (isIp6(packet.dst)) return selectAddress6(netns, outDevice, packet.dst);
  return selectAddress(netns, outDevice, nexthop ?? packet.dst, 'global');
}

const GLOBAL_SCOPE = 14;

/** nf_nat_redirect(): for packets of this machine the loopback address, for others the first of the device they came in by. */
export function redirectAddress(netns: Netns, hook: Hook, place: HookPlace, packet: Packet): IpAddr | undefined {
  const { dst } = packet;
  if (hook === 'OUTPUT') return isIp6(dst) ? ip6(1n) : ip4(0x7f000001);
  const addresses = netns.devices.get(place.inDevice ?? '')?.addresses ?? [];
  if (!isIp6(dst)) return addresses.find(({ ip }) => isIp4(ip))?.ip;
  // nf_nat_redirect_ipv6_usable(): to a destination of narrow scope only an address of that scope.
  const scope = scopeOf(dst);
  return addresses.find(({ ip }) => isIp6(ip) && (scope === GLOBAL_SCOPE || scopeOf(ip) === scope))?.ip;
}
