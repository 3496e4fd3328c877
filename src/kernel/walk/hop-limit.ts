/** How far a packet may go when its sender does not say. */
import type { Family } from '../../net/address.ts';
import type { Netns } from '../netns.ts';

/** ip4_dst_hoplimit(); ip6_dst_hoplimit(), where a device's own hop_limit is not modelled. */
export function defaultHopLimit(netns: Netns, family: Family): number {
  return netns.sysctls.number(family === 4 ? 'net.ipv4.ip_default_ttl' : 'net.ipv6.conf.default.hop_limit');
}
