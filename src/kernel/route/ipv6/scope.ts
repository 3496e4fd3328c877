/** Kinds and scopes of IPv6 addresses: net/ipv6/addrconf_core.c __ipv6_addr_type(). */
import type { Ip6 } from '../../../net/address.ts';

/** fe80::/10 */
export function isLinkLocal(address: Ip6): boolean {
  return address >> 118n === 0x3fan;
}

/** Scopes as ipv6_addr_scope() numbers them: 2 link-local, 5 site-local, 14 global; ::1 counts as link-local. */
export const LINK_SCOPE = 2;

/** ipv6_addr_scope() in the numbers of RFC 4291 section 2.7: 2 of the link, 5 of the site, 14 global. */
export function scopeOf(address: Ip6): number {
  if (address >> 120n === 0xffn) return Number((address >> 112n) & 0xfn);
  if (isLinkLocal(address) || address === 1n) return LINK_SCOPE;
  return address >> 118n === 0x3fbn ? 5 : 14;
}

/** A group, or an address of one link: it means nothing without a device. */
export function isOfLink(address: Ip6): boolean {
  return address >> 120n === 0xffn || isLinkLocal(address);
}

/** rt6_need_strict(): routes of another device than the one asked for do not count. */
export function needsDevice(address: Ip6): boolean {
  return isOfLink(address) || address === 1n;
}
