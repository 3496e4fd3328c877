/** The Pod networks of an input that does not name them: an export of a cluster holds what lies in them. */
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import { contains, network, overlaps, type Prefix } from '../net/prefix.ts';

/** Something of the input that lies in the Pod networks, in the order in which it is believed. */
export type PodNetworkWitness = {
  readonly what: 'the IP pools' | 'the podCIDRs of the nodes' | 'the addresses of the Pods';
  readonly ranges: readonly Prefix[];
  /** They are the Pod networks, and not only in them. */
  readonly whole?: boolean;
};

export type GuessedPodNetworks = { readonly podCIDRs: readonly Prefix[]; readonly by: PodNetworkWitness['what'] };

/** What installers give a cluster: kubeadm, k3s and flannel a /16, kind a /56 of IPv6. */
const CUSTOMARY: Readonly<Record<Family, number>> = { 4: 16, 6: 56 };
/** Ranges that have less in common come from no one network. */
const LEAST_COMMON: Readonly<Record<Family, number>> = { 4: 8, 6: 32 };

/**
 * One network of each family around what the first witness names. undefined where nobody names any, where all lies in
 * `customary` networks, and where Pods and machines share their networks (as with the VPC's addresses on EKS).
 */
export function guessPodNetworks(
  witnesses: readonly PodNetworkWitness[],
  customary: readonly Prefix[],
  machines: readonly Prefix[],
): GuessedPodNetworks | undefined {
  const witness = witnesses.find(({ ranges }) => ranges.length > 0);
  if (witness === undefined) return undefined;
  const { ranges } = witness;
  if (ranges.every(({ addr }) => customary.some((known) => contains(known, addr)))) return undefined;
  const podCIDRs = ([4, 6] as const).flatMap((family) =>
    around(
      ranges.filter(({ addr }) => familyOf(addr) === family),
      witness.whole === true,
    ),
  );
  const clear = podCIDRs.length > 0 && !podCIDRs.some((range) => machines.some((machine) => overlaps(range, machine)));
  return clear ? { podCIDRs, by: witness.what } : undefined;
}

/** The least network that holds all of them; the customary one where `whole` is false and that is enough. */
function around(ranges: readonly Prefix[], whole: boolean): readonly Prefix[] {
  const [first] = ranges;
  if (first === undefined) return [];
  const family = familyOf(first.addr);
  let bits = Math.min(...(whole ? [] : [CUSTOMARY[family]]), ...ranges.map((range) => range.bits));
  while (!ranges.every(({ addr }) => contains({ addr: first.addr, bits }, addr))) bits--;
  return bits < LEAST_COMMON[family] ? [] : [network({ addr: first.addr, bits })];
}

/** A Pod's address as a range of which thousands are one. */
export function customaryNetwork(address: IpAddr): Prefix {
  return network({ addr: address, bits: CUSTOMARY[familyOf(address)] });
}
