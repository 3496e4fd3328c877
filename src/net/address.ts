/**
 * IP addresses. IPv4 is an unsigned 32-bit number and IPv6 an unsigned 128-bit bigint, so a mask is one AND and
 * `typeof` tells the family: no wrapper object on the hot path.
 */
import { type Brand, brand } from '../lib/brand.ts';

export type Ip4 = Brand<number, 'Ip4'>;
export type Ip6 = Brand<bigint, 'Ip6'>;
export type IpAddr = Ip4 | Ip6;
export type Family = 4 | 6;

export function familyOf(address: IpAddr): Family {
  return isIp4(address) ? 4 : 6;
}

export function isIp4(address: IpAddr): address is Ip4 {
  return typeof address === 'number';
}

export function isIp6(address: IpAddr): address is Ip6 {
  return typeof address === 'bigint';
}

/** An IPv4 address from its 32-bit value; anything above is cut off. */
export function ip4(value: number): Ip4 {
  return brand<Ip4>(value >>> 0);
}

/** An IPv6 address from its 128-bit value. */
export function ip6(value: bigint): Ip6 {
  return brand<Ip6>(BigInt.asUintN(128, value));
}

/**
 * Strict dotted quad: four decimal numbers 0-255, no leading zero (RFC 6943 section 3.1.1: `010` is 8 to some readers and 10 to others).
 */
export function parseIp4(text: string): Ip4 | undefined {
  let value = 0;
  let part = -1;
  let parts = 1;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (part < 0 || parts === 4) return undefined;
      value = value * 256 + part;
      part = -1;
      digits = 0;
      parts++;
    } else if (code >= 48 && code <= 57) {
      if (digits > 0 && part === 0) return undefined;
      part = Math.max(part, 0) * 10 + code - 48;
      digits++;
      if (part > 255) return undefined;
    } else return undefined;
  }
  return parts === 4 && part >= 0 ? ip4(value * 256 + part) : undefined;
}

/** RFC 4291 section 2.2 text, `::` and an embedded dotted quad included; no zone id. */
export function parseIp6(text: string): Ip6 | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  let head = text;
  let tail: number | undefined;
  if (text.includes('.')) {
    const colon = text.lastIndexOf(':');
    const quad = parseIp4(text.slice(colon + 1));
    if (colon < 0 || quad === undefined) return undefined;
    tail = quad;
    head = `${text.slice(0, colon + 1)}0:0`;
  }
  const halves = head.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): bigint[] | undefined => {
    if (half === '') return [];
    const words = half.split(':');
    if (words.some((w) => !/^[0-9a-fA-F]{1,4}$/.test(w))) return undefined;
    return words.map((w) => BigInt(`0x${w}`));
  };
  const left = groups(halves[0] ?? '');
  const right = groups(halves[1] ?? '');
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => 0n), ...right];
  const value = all.reduce((sum, word) => (sum << 16n) | word, 0n);
  return ip6(value | BigInt(tail ?? 0));
}

export function parseIp(text: string): IpAddr | undefined {
  return text.includes(':') ? parseIp6(text) : parseIp4(text);
}

export function printIp(address: IpAddr): string {
  return isIp4(address) ? printIp4(address) : printIp6(address);
}

function printIp4(a: number): string {
  return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
}

/**
 * RFC 5952: lower case, the longest run of zero groups (two or more, the first of equals) as `::`; IPv4-mapped and
 * IPv4-compatible addresses end in a dotted quad, as inet_ntop() of the GNU C library prints them.
 */
function printIp6(a: bigint): string {
  const top = a >> 32n;
  const low = Number(a & 0xffffffffn);
  if (top === 0xffffn || (top === 0n && low > 0xffff)) return `::${top === 0n ? '' : 'ffff:'}${printIp4(low)}`;
  const words = Array.from({ length: 8 }, (_, i) => Number((a >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = words.map((w) => w.toString(16));
  if (best.start < 0) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

/** IPv4 before IPv6, then by value. */
export function compareIp(a: IpAddr, b: IpAddr): number {
  if (typeof a !== typeof b) return isIp4(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** address + n, in the same family; wraps around at the end of the space. */
export function offsetIp(address: IpAddr, n: number): IpAddr {
  return isIp4(address) ? ip4((address + n) % 2 ** 32) : ip6(address + BigInt(n));
}
