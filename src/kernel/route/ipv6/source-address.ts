/** Source addresses by RFC 6724 section 5, as Linux has it: net/ipv6/addrconf.c ipv6_dev_get_saddr(). */
import { type Ip6, ip6, isIp6 } from '../../../net/address.ts';
import { contains, type Prefix } from '../../../net/prefix.ts';
import type { Netns } from '../../netns.ts';
import { LINK_SCOPE, scopeOf } from './scope.ts';

const prefix = (high: bigint, width: bigint, bits: number): Prefix => ({ addr: ip6(high << (128n - width)), bits });

/** ip6addrlbl_init_table[] (net/ipv6/addrlabel.c), the longest prefix first. */
const LABELS: readonly (readonly [Prefix, label: number])[] = [
  [{ addr: ip6(1n), bits: 128 }, 0],
  [{ addr: ip6(0n), bits: 96 }, 3],
  [{ addr: ip6(0xffffn << 32n), bits: 96 }, 4],
  [prefix(0x20010000n, 32n, 32), 6],
  [prefix(0x20010010n, 32n, 28), 7],
  [prefix(0x3ffen, 16n, 16), 12],
  [prefix(0x2002n, 16n, 16), 2],
  [prefix(0xfec0n, 16n, 10), 11],
  [prefix(0xfc00n, 16n, 7), 5],
];
const ANY_LABEL = 1;

function labelOf(address: Ip6): number {
  return LABELS.find(([range]) => contains(range, address))?.[1] ?? ANY_LABEL;
}

type Candidate = { readonly ip: Ip6; readonly bits: number; readonly device: string };

/**
 * The address to speak to `destination` with when the packet leaves by `device`. Every address of the machine is a
 * candidate, unless the destination is of the link: then only those of the device are. Temporary and deprecated addresses
 * are not modelled, so rules 3, 4 and 7 decide nothing.
 */
export function selectAddress6(netns: Netns, device: string | undefined, destination: Ip6): Ip6 | undefined {
  const scope = scopeOf(destination);
  const multicast = destination >> 120n === 0xffn;
  const ownOnly =
    device !== undefined &&
    (multicast || scope <= LINK_SCOPE || netns.sysctls.effective(device, 'use_oif_addrs_only', 'device', 'ipv6') !== 0);
  let best: Candidate | undefined;
  for (const holder of netns.devices.values()) {
    if (ownOnly && holder.name !== device) continue;
    for (const { ip, bits } of holder.addresses) {
      if (!isIp6(ip)) continue;
      const candidate = { ip, bits, device: holder.name };
      if (best === undefined || prefers(candidate, best, destination, device)) best = candidate;
    }
  }
  return best?.ip;
}

/** ipv6_get_saddr_eval(): rule by rule, until one tells the two apart; the earlier candidate keeps its place. */
function prefers(a: Candidate, b: Candidate, destination: Ip6, device: string | undefined): boolean {
  const scope = scopeOf(destination);
  const label = labelOf(destination);
  const rules: readonly ((c: Candidate) => number)[] = [
    (c) => Number(c.ip === destination),
    // A scope that reaches is better the smaller it is; one that does not is better the larger it is.
    (c) => (scopeOf(c.ip) >= scope ? -scopeOf(c.ip) : scopeOf(c.ip) - 128),
    (c) => Number(device === undefined || c.device === device),
    (c) => Number(labelOf(c.ip) === label),
    (c) => Number(isOrchid(c.ip) === isOrchid(destination)),
    (c) => Math.min(commonBits(c.ip, destination), c.bits),
  ];
  for (const rule of rules) {
    const difference = rule(a) - rule(b);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** 2001:10::/28 (RFC 4843) */
function isOrchid(address: Ip6): boolean {
  return address >> 100n === 0x2001001n;
}

/** ipv6_addr_diff(): how many leading bits two addresses share. */
function commonBits(a: Ip6, b: Ip6): number {
  const difference = a ^ b;
  return difference === 0n ? 128 : 128 - difference.toString(2).length;
}

/** ipv6_chk_addr(): whether a device holds the address; with a name, that device. */
export function holdsAddress6(netns: Netns, address: Ip6, device?: string): boolean {
  for (const holder of netns.devices.values()) {
    if (device !== undefined && holder.name !== device) continue;
    if (holder.addresses.some(({ ip }) => ip === address)) return true;
  }
  return false;
}
