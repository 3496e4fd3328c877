/** The address that IPv6 gives a device by itself: net/ipv6/addrconf.c addrconf_addr_gen(), addr_gen_mode 0 (EUI-64). */
import { type Ip6, ip6 } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';

/** fe80::/64 with the modified EUI-64 of the MAC address (RFC 4291 appendix A): ff:fe in the middle, one bit turned. */
export function linkLocalOf(mac: Mac): Ip6 {
  const bytes = mac.split(':');
  const [first = '0', ...rest] = bytes;
  const turned = (Number.parseInt(first, 16) ^ 2).toString(16).padStart(2, '0');
  const words = [turned, ...rest.slice(0, 2), 'ff', 'fe', ...rest.slice(2)];
  return ip6((0xfe80n << 112n) | BigInt(`0x${words.join('')}`));
}
