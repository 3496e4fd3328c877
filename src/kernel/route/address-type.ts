/** net/ipv4/fib_frontend.c __inet_dev_addr_type(): what an address is to this machine. */
import { type IpAddr, isIp6 } from '../../net/address.ts';
import type { AddressType } from '../netfilter/match.ts';
import type { Netns } from '../netns.ts';
import { localEntry } from './fib.ts';
import { addressType6 } from './ipv6/address-type.ts';

/** By the local table alone; with a device, only what that device holds counts. */
export function addressType(netns: Netns, address: IpAddr, device?: string): AddressType {
  if (isIp6(address)) return addressType6(netns, address, device);
  if (isZeronet(address) || isLimitedBroadcast(address)) return 'BROADCAST';
  if (isMulticast(address)) return 'MULTICAST';
  const entry = localEntry(netns, address);
  if (entry === undefined || (device !== undefined && entry.device !== device)) return 'UNICAST';
  return entry.type === 'local' ? 'LOCAL' : 'BROADCAST';
}

/** 224.0.0.0/4, ff00::/8 */
export function isMulticast(address: IpAddr): boolean {
  return typeof address === 'number' ? address >>> 28 === 0xe : address >> 120n === 0xffn;
}

/** 255.255.255.255 */
export function isLimitedBroadcast(address: IpAddr): boolean {
  return typeof address === 'number' && address === 0xffffffff;
}

/** 0.0.0.0/8: ipv4_is_zeronet() looks at 0.0.0.0 alone since Linux 5.3. */
export function isZeronet(address: IpAddr): boolean {
  return typeof address === 'number' ? address === 0 : address === 0n;
}

/** 127.0.0.0/8, ::1 */
export function isLoopback(address: IpAddr): boolean {
  return typeof address === 'number' ? address >>> 24 === 127 : address === 1n;
}
