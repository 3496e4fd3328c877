/** The networks of Pods and Services of an input that does not name them: an export of a cluster holds what lies in them. */
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import { contains, covers, network, overlaps, type Prefix, printPrefix } from '../net/prefix.ts';

/** A range that lies in the networks, and how much of the input says so. */
export type Seen = { readonly range: Prefix; readonly count: number };

/** Something of the input that lies in the networks asked for. */
export type Witness = {
  readonly what: string;
  readonly seen: readonly Seen[];
  /** They are the networks, and not only in them. */
  readonly whole?: boolean;
  /** They are there to say it: that is no guess. */
  readonly named?: boolean;
};

/** How long the prefixes of such networks are, of each family. */
export type CustomaryBits = Readonly<Record<Family, number>>;

/** What installers give a cluster for its Pods: kubeadm, k3s and flannel a /16, kind a /56 of IPv6. */
export const POD_BITS: CustomaryBits = { 4: 16, 6: 56 };
/** For its Services: k3s and EKS a /16; kubeadm takes no more than a /108 of IPv6. */
export const SERVICE_BITS: CustomaryBits = { 4: 16, 6: 108 };

/** Ranges that have less in common come from no one network: some of them are strangers (podman's 10.88.0.0/16, say). */
const LEAST_COMMON: CustomaryBits = { 4: 12, 6: 40 };

export type Guess = {
  readonly networks: readonly Prefix[];
  readonly by: string;
  /** Some of it is taken by others, too. */
  readonly shared: boolean;
  /** The witness is the networks themselves. */
  readonly whole: boolean;
  /** It is named, or what would have been taken anyway: there is nothing to tell. */
  readonly usual: boolean;
};

/**
 * One network of each family around what the first witness names; undefined where nobody names any. It is as wide as
 * installers make it, and narrower where that would meet what is `taken`. Where even the narrowest meets that, the two are
 * shared (as Pods and machines share the VPC's addresses on EKS).
 * @param witnesses in the order in which they are believed.
 * @param usual what is taken where nobody says anything.
 */
export function guessNetworks(
  witnesses: readonly Witness[],
  bits: CustomaryBits,
  usual: readonly Prefix[],
  taken: readonly Prefix[],
): Guess | undefined {
  const witness = witnesses.find(({ seen }) => seen.length > 0);
  if (witness === undefined) return undefined;
  const { seen, whole, named, what } = witness;
  const networks = ([4, 6] as const).flatMap((family) => {
    const [first, ...others] = seen.filter(({ range }) => familyOf(range.addr) === family);
    if (first === undefined) return [];
    const all: Ranges = [first.range, ...others.map(({ range }) => range)];
    const least = LEAST_COMMON[family];
    if (whole === true) return joined(all, least);
    const strange = narrowest(all).bits < least;
    const own = strange ? withoutStrangers([first, ...others], bits[family], usual) : all;
    return [widest(own ?? all, bits[family], usual, taken)];
  });
  return {
    networks,
    by: what,
    shared: networks.some((range) => taken.some((other) => overlaps(range, other))),
    whole: whole === true,
    usual: named === true || networks.every((range) => usual.some((known) => covers(known, range))),
  };
}

type Ranges = readonly [Prefix, ...Prefix[]];

/** The network that holds them all; each by itself where they have too little in common. */
function joined(ranges: Ranges, least: number): Ranges {
  const common = narrowest(ranges);
  return common.bits >= least ? [common] : ranges;
}

/** Without strangers, where there are some: those of the customary network that most lie in, a usual one before others. */
function withoutStrangers(seen: readonly Seen[], bits: number, usual: readonly Prefix[]): Ranges | undefined {
  const groups = new Map<string, { ranges: Ranges; count: number }>();
  for (const { range, count } of seen) {
    const known = usual.find((each) => covers(each, range));
    // A usual one comes before another with as many.
    const key = printPrefix(known ?? network({ addr: range.addr, bits }));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ranges: [range], count: known === undefined ? count : count + 0.5 });
    else groups.set(key, { ranges: [...group.ranges, range], count: group.count + count });
  }
  const [first, ...others] = groups.values();
  return first === undefined
    ? undefined
    : others.reduce((most, group) => (group.count > most.count ? group : most), first).ranges;
}

/** The widest network around them, from the customary one on, that meets nothing that is taken. */
function widest(ranges: Ranges, bits: number, usual: readonly Prefix[], taken: readonly Prefix[]): Prefix {
  const known = usual.find((each) => ranges.every((range) => covers(each, range)));
  if (known !== undefined) return known;
  const least = narrowest(ranges);
  for (let length = Math.min(bits, least.bits); length <= least.bits; length++) {
    const candidate = network({ addr: least.addr, bits: length });
    if (!taken.some((other) => overlaps(candidate, other))) return candidate;
  }
  return network({ addr: least.addr, bits: Math.min(bits, least.bits) });
}

function narrowest([first, ...others]: Ranges): Prefix {
  let { bits } = first;
  for (const range of others)
    for (bits = Math.min(bits, range.bits); !contains({ addr: first.addr, bits }, range.addr); ) bits--;
  return network({ addr: first.addr, bits });
}

/** Parts of the networks that addresses lie in, and how many of them: of thousands of Pods a few. */
export class Networks {
  readonly #bits: CustomaryBits;
  readonly #found = new Map<IpAddr, { readonly range: Prefix; count: number }>();

  /** @param bits how long the prefixes of such parts are */
  constructor(bits: CustomaryBits) {
    this.#bits = bits;
  }

  add(addresses: readonly IpAddr[]): void {
    for (const addr of addresses) {
      const range = network({ addr, bits: this.#bits[familyOf(addr)] });
      const known = this.#found.get(range.addr);
      if (known === undefined) this.#found.set(range.addr, { range, count: 1 });
      else known.count++;
    }
  }

  all(): readonly Seen[] {
    return [...this.#found.values()];
  }
}
