/** The IPv6 address that a device gives itself from its MAC address. */
import { type Ip6, type IpAddr, ip6, isIp6 } from './address.ts';
import type { Mac } from './mac.ts';

/** fe80::/64 and the modified EUI-64 (RFC 4291 appendix A): ff:fe in the middle, the universal/local bit turned over. */
export function linkLocalOf(mac: Mac): Ip6 {
  const [first = 0, second = 0, third = 0, ...rest] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const bytes = [first ^ 0x02, second, third, 0xff, 0xfe, ...rest];
  return ip6(bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0xfe80n << 48n));
}

/** fe80::/10 */
export function isLinkLocal6(ip: IpAddr): boolean {
  return isIp6(ip) && ip >> 118n === 0x3fan;
}
