/** The addresses of one family, split where the ranges of policies begin and end. */
import { compareIp, type Family, familyOf, type IpAddr, ip4, ip6, offsetIp, printIp } from '../../net/address.ts';
import { lastIp, network, type Prefix, widthOf } from '../../net/prefix.ts';
import { PrefixMap } from '../../net/prefix-map.ts';

/** Ascending and without gaps; `kind` is equal where the same ranges hold both, and the same is seen of them. */
type Atom = { readonly first: IpAddr; readonly last: IpAddr; readonly kind: number };

export type AddressAtoms = {
  readonly atoms: readonly Atom[];
  /** How many different kinds there are; they count from 0. */
  readonly kinds: number;
  kindOf(ip: IpAddr): number;
};

/** @param expected single addresses, with what is seen of each beside the ranges that hold it */
export function addressAtoms(
  family: Family,
  ranges: readonly Prefix[],
  expected: ReadonlyMap<IpAddr, string>,
): AddressAtoms {
  const least: IpAddr = family === 4 ? ip4(0) : ip6(0n);
  const most = lastIp({ addr: least, bits: 0 });
  const firsts = new Set<IpAddr>([least]);
  const cut = (first: IpAddr, last: IpAddr): void => {
    firsts.add(first);
    if (last !== most) firsts.add(offsetIp(last, 1));
  };
  const holders = new PrefixMap<string>();
  for (const range of ranges.filter(({ addr }) => familyOf(addr) === family).map(network)) {
    cut(range.addr, lastIp(range));
    holders.set(range, `${printIp(range.addr)}/${range.bits}`);
  }
  for (const ip of expected.keys()) if (familyOf(ip) === family) cut(ip, ip);
  const kinds = new Map<string, number>();
  const parts: { readonly first: IpAddr; readonly kind: number }[] = [];
  for (const first of [...firsts].sort(compareIp)) {
    const key = [...holders.matches(first), expected.get(first) ?? ''].join(' ');
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    if (parts.at(-1)?.kind !== kind) parts.push({ first, kind });
  }
  const starts = parts.map(({ first }) => first);
  const atoms = parts.map(({ first, kind }, index): Atom => {
    const next = starts[index + 1];
    return { first, last: next === undefined ? most : offsetIp(next, -1), kind };
  });
  return { atoms, kinds: kinds.size, kindOf: (ip) => atoms[placeOf(starts, ip)]?.kind ?? 0 };
}

/** The last start that is not behind the address. */
function placeOf(starts: readonly IpAddr[], ip: IpAddr): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const start = starts[middle];
    if (start !== undefined && start <= ip) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `10.0.0.0/8` where the addresses are just those of a prefix, else `10.0.0.0-10.0.0.9`. */
export function printRange(first: IpAddr, last: IpAddr): string {
  const width = widthOf(familyOf(first));
  for (let bits = 0; bits <= width; bits++) {
    const prefix = { addr: first, bits };
    if (network(prefix).addr === first && lastIp(prefix) === last) return `${printIp(first)}/${bits}`;
  }
  return `${printIp(first)}-${printIp(last)}`;
}
