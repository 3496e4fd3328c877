/** The networks of Pods and Services of an input that does not name them: an export of a cluster holds what lies in them. */
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import { contains, network, overlaps, type Prefix } from '../net/prefix.ts';

/** Something of the input that lies in the networks asked for. */
export type Witness<What extends string> = {
  readonly what: What;
  readonly ranges: readonly Prefix[];
  /** They are the networks, and not only in them. */
  readonly whole?: boolean;
};

/** How long the prefixes of such networks are, of each family. */
export type CustomaryBits = Readonly<Record<Family, number>>;

/** What installers give a cluster for its Pods: kubeadm, k3s and flannel a /16, kind a /56 of IPv6. */
export const POD_BITS: CustomaryBits = { 4: 16, 6: 56 };
/** For its Services: k3s and EKS a /16; kubeadm takes no more than a /108 of IPv6. */
export const SERVICE_BITS: CustomaryBits = { 4: 16, 6: 108 };

/** Ranges that have less in common come from no one network. */
const LEAST_COMMON: Readonly<Record<Family, number>> = { 4: 8, 6: 32 };

export type Guess<What extends string> = { readonly networks: readonly Prefix[]; readonly by: What };

/**
 * One network of each family around what the first witness names. undefined where nobody names any, where all lies in
 * `usual` networks, and where it is shared with what is `taken` (as Pods and machines share the VPC's addresses on EKS).
 * @param witnesses in the order in which they are believed.
 */
export function guessNetworks<What extends string>(
  witnesses: readonly Witness<What>[],
  bits: CustomaryBits,
  usual: readonly Prefix[],
  taken: readonly Prefix[],
): Guess<What> | undefined {
  const witness = witnesses.find(({ ranges }) => ranges.length > 0);
  if (witness === undefined) return undefined;
  const { ranges, whole, what } = witness;
  if (ranges.every(({ addr }) => usual.some((known) => contains(known, addr)))) return undefined;
  const networks = ([4, 6] as const).flatMap((family) => {
    const own = ranges.filter(({ addr }) => familyOf(addr) === family);
    return around(own, whole === true ? undefined : bits[family]);
  });
  const clear = networks.length > 0 && !networks.some((range) => taken.some((other) => overlaps(range, other)));
  return clear ? { networks, by: what } : undefined;
}

/** The least network that holds all of them, no smaller than `bits` says. */
function around(ranges: readonly Prefix[], bits: number | undefined): readonly Prefix[] {
  const [first] = ranges;
  if (first === undefined) return [];
  let length = Math.min(bits ?? first.bits, ...ranges.map((range) => range.bits));
  while (!ranges.every(({ addr }) => contains({ addr: first.addr, bits: length }, addr))) length--;
  return length < LEAST_COMMON[familyOf(first.addr)] ? [] : [network({ addr: first.addr, bits: length })];
}

/** Networks of the customary size that hold addresses: of thousands of Pods a few. */
export class Networks {
  readonly #bits: CustomaryBits;
  readonly #found = new Map<IpAddr, Prefix>();

  constructor(bits: CustomaryBits) {
    this.#bits = bits;
  }

  add(addresses: readonly IpAddr[]): void {
    for (const addr of addresses) {
      const range = network({ addr, bits: this.#bits[familyOf(addr)] });
      this.#found.set(range.addr, range);
    }
  }

  all(): readonly Prefix[] {
    return [...this.#found.values()];
  }
}
