/** The longest packet that leaves whole. */
import type { Netns } from '../netns.ts';

/**
 * ipv4_mtu() and ip_dst_mtu_maybe_forward() (include/net/ip.h), ip6_dst_mtu_maybe_forward(): the MTU of a route counts
 * before that of its device.
 */
export function pathMtu(netns: Netns, device: string | undefined, routeMtu: number | undefined): number {
  return routeMtu ?? netns.devices.get(device ?? '')?.mtu ?? 1500;
}
