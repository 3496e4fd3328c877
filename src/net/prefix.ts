/**
 * Address prefixes (CIDR). `ip-cidr` checks the notation and `netmask` reads dotted masks, both behind our own strict
 * address parser: they alone would take `010.0.0.1` or `10.1`.
 */
import IPCIDR from 'ip-cidr';
import { Netmask } from 'netmask';
import { type Family, familyOf, type IpAddr, ip4, ip6, isIp4, isIp6, parseIp, printIp } from './address.ts';

/** `addr` may have host bits (an interface address); `network()` clears them. */
export type Prefix = { readonly addr: IpAddr; readonly bits: number };

export function widthOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The address with all bits after the first `bits` cleared. */
export function maskIp(address: IpAddr, bits: number): IpAddr {
  if (isIp4(address)) return bits === 0 ? ip4(0) : ip4(address & (-1 << (32 - bits)));
  return bits === 0 ? ip6(0n) : ip6((address >> BigInt(128 - bits)) << BigInt(128 - bits));
}

export function network(prefix: Prefix): Prefix {
  return { addr: maskIp(prefix.addr, prefix.bits), bits: prefix.bits };
}

/** The prefix of full length that holds just this address. */
export function hostPrefix(address: IpAddr): Prefix {
  return { addr: address, bits: widthOf(familyOf(address)) };
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1` (full length), `2001:db8::/32`. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return hostPrefix(address);
  const length = text.slice(slash + 1);
  if (isIp4(address) && length.includes('.')) return parseDottedMask(address, length);
  if (!/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  // ip-cidr does not take an IPv6 address that ends in a dotted quad.
  const quad = isIp6(address) && text.includes('.');
  if (!quad && !IPCIDR.isValidCIDR(text)) return undefined;
  const bits = Number(length);
  return bits <= widthOf(familyOf(address)) ? { addr: address, bits } : undefined;
}

function parseDottedMask(address: IpAddr, mask: string): Prefix | undefined {
  const strict = parseIp(mask);
  if (strict === undefined || isIp6(strict)) return undefined;
  try {
    return { addr: address, bits: new Netmask(`${printIp(address)}/${mask}`).bitmask };
  } catch {
    return undefined; // a mask with holes, such as 255.0.255.0
  }
}

export function printPrefix(prefix: Prefix): string {
  return `${printIp(prefix.addr)}/${prefix.bits}`;
}

/** Whether the address lies in the prefix; never across families. */
export function contains(prefix: Prefix, address: IpAddr): boolean {
  return typeof prefix.addr === typeof address && maskIp(address, prefix.bits) === maskIp(prefix.addr, prefix.bits);
}

/** Whether every address of `inner` lies in `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.bits <= inner.bits && contains(outer, inner.addr);
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return covers(a, b) || covers(b, a);
}

/** The last address of the prefix: IPv4's broadcast address. */
export function lastIp(prefix: Prefix): IpAddr {
  const first = maskIp(prefix.addr, prefix.bits);
  if (isIp4(first)) return ip4(first + 2 ** (32 - prefix.bits) - 1);
  return ip6(first + (1n << BigInt(128 - prefix.bits)) - 1n);
}

/** How many addresses the prefix holds. */
export function sizeOf(prefix: Prefix): number {
  return 2 ** (widthOf(familyOf(prefix.addr)) - prefix.bits);
}
