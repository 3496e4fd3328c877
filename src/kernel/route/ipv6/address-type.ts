/** What an address is to this machine: net/netfilter/xt_addrtype.c match_lookup_rt6(), with ipv6_addr_type() in front. */
import type { Ip6 } from '../../../net/address.ts';
import type { AddressType } from '../../netfilter/match.ts';
import type { Netns } from '../../netns.ts';
import { fibLookup } from '../fib.ts';
import { needsDevice } from './scope.ts';
import { holdsAddress6 } from './source-address.ts';

/**
 * One name, though to xt_addrtype an address may be several at once (a local one is UNICAST too). With a device, LOCAL
 * means that the device itself holds the address.
 */
export function addressType6(netns: Netns, address: Ip6, device?: string): AddressType {
  if (address === 0n) return 'UNSPEC';
  if (address >> 120n === 0xffn) return 'MULTICAST';
  const found = fibLookup(netns, {
    src: undefined,
    dst: address,
    mark: 0,
    iif: 'lo',
    oif: device,
    // ip6_route_output_flags(): without a source, a device that is named is a must.
    strict: device !== undefined || needsDevice(address),
  });
  if (found.kind === 'fail') return 'UNREACHABLE';
  if (device !== undefined && holdsAddress6(netns, address, device)) return 'LOCAL';
  if (found.route.type === 'anycast') return 'ANYCAST';
  return found.route.type === 'local' && device === undefined ? 'LOCAL' : 'UNICAST';
}
