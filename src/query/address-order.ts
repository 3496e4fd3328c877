/** Which of several addresses a client tries first: getaddrinfo() sorts them by RFC 6724 section 6. */
import type { Netns } from '../kernel/netns.ts';
import { fibLookup } from '../kernel/route/fib.ts';
import { scopeOf } from '../kernel/route/ipv6/scope.ts';
import { selectAddress, sourceForRoute } from '../kernel/route/source-address.ts';
import { type Family, familyOf, type Ip6, type IpAddr, ip6, isIp4 } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';

const range = (top: bigint, bits: number): Prefix => ({ addr: ip6(top << 112n), bits });

/** The default policy table of RFC 6724 section 2.1, the longest prefix first; IPv4 is ::ffff:0:0/96. */
const POLICIES: readonly { readonly prefix: Prefix; readonly precedence: number; readonly label: number }[] = [
  { prefix: { addr: ip6(1n), bits: 128 }, precedence: 50, label: 0 },
  { prefix: { addr: ip6(0xffffn << 32n), bits: 96 }, precedence: 35, label: 4 },
  { prefix: { addr: ip6(0n), bits: 96 }, precedence: 1, label: 3 },
  { prefix: { addr: ip6(0x20010000n << 96n), bits: 32 }, precedence: 5, label: 5 },
  { prefix: range(0x2002n, 16), precedence: 30, label: 2 },
  { prefix: range(0x3ffen, 16), precedence: 1, label: 12 },
  { prefix: range(0xfec0n, 10), precedence: 1, label: 11 },
  { prefix: range(0xfc00n, 7), precedence: 3, label: 13 },
];
const EVERYTHING_ELSE = { precedence: 40, label: 1 };

/** The best first; equals keep their order. */
export function orderAddresses(netns: Netns, addresses: readonly IpAddr[]): readonly IpAddr[] {
  if (addresses.length < 2) return addresses;
  const candidates = addresses.map((address) => ({ address, source: sourceTo(netns, address) }));
  return candidates.sort((a, b) => compare(a, b)).map(({ address }) => address);
}

type Candidate = { readonly address: IpAddr; readonly source: IpAddr | undefined };

function compare(a: Candidate, b: Candidate): number {
  const rules: readonly ((candidate: Candidate) => number)[] = [
    // Rule 1: avoid unusable destinations. Rules 3, 4 and 7 (deprecated, home, native transport) decide nothing here.
    ({ source }) => Number(source !== undefined),
    // 2: a source that reaches as far as the destination needs.
    ({ address, source }) => Number(source !== undefined && scopeIn(address) === scopeIn(source)),
    // 5 and 6: the table.
    ({ address, source }) => Number(source !== undefined && policyOf(address).label === policyOf(source).label),
    ({ address }) => policyOf(address).precedence,
    // 8: the smaller scope.
    ({ address }) => -scopeIn(address),
  ];
  for (const rule of rules) {
    const difference = rule(b) - rule(a);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The address that the machine would speak to the destination with; undefined: it has no way there. */
export function sourceTo(netns: Netns, destination: IpAddr): IpAddr | undefined {
  const found = fibLookup(netns, {
    src: undefined,
    dst: destination,
    mark: 0,
    iif: 'lo',
    oif: undefined,
    protocol: 17,
  });
  if (found.kind === 'fail') return undefined;
  const { route } = found;
  if (route.type === 'local') return route.prefSrc ?? destination;
  const [hop] = found.nexthops;
  if (route.type !== 'unicast' || hop === undefined) return undefined;
  return isIp4(destination)
    ? sourceForRoute(netns, route, hop)
    : (route.prefSrc ?? selectAddress(netns, hop.device, destination, route.scope));
}

function policyOf(address: IpAddr): { readonly precedence: number; readonly label: number } {
  const mapped = mappedOf(address);
  return POLICIES.find(({ prefix }) => contains(prefix, mapped)) ?? EVERYTHING_ELSE;
}

function mappedOf(address: IpAddr): Ip6 {
  return isIp4(address) ? ip6((0xffffn << 32n) | BigInt(address)) : address;
}

/** Section 3.2: 127/8 and 169.254/16 are of the link, all other IPv4 addresses global. */
function scopeIn(address: IpAddr): number {
  if (!isIp4(address)) return scopeOf(address);
  return address >>> 24 === 127 || address >>> 16 === 0xa9fe ? 2 : 14;
}

/** Whether the machine has an address of the family that reaches beyond its link. */
export function speaks(netns: Netns, family: Family): boolean {
  return [...netns.devices.values()].some(({ addresses }) =>
    addresses.some(({ ip }) => familyOf(ip) === family && scopeIn(ip) > 2),
  );
}
