/** Addresses that no policy and no setting of the cluster tells apart by a range. */
import type { Cluster } from '../../cluster/cluster.ts';
import { type Family, familyOf, type IpAddr } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import { type AddressAtoms, addressAtoms } from '../../policy/classes/address-atoms.ts';
import type { Relevant } from '../../policy/classes/relevant.ts';

/** Equal numbers of one family: the same ranges hold both addresses. */
export function addressKinds(cluster: Cluster, { nets, expected }: Relevant): (ip: IpAddr) => string {
  const { podCIDRs, serviceCIDRs, proxy } = cluster.settings;
  const ranges: readonly Prefix[] = [
    ...nets,
    ...podCIDRs,
    ...serviceCIDRs,
    ...proxy.clusterCIDRs,
    ...cluster.ipPools.map(({ cidr }) => cidr),
    ...cluster.services.flatMap(({ loadBalancerSourceRanges }) => loadBalancerSourceRanges),
  ];
  const atoms: Readonly<Record<Family, AddressAtoms>> = {
    4: addressAtoms(4, ranges, expected),
    6: addressAtoms(6, ranges, expected),
  };
  return (ip) => `${familyOf(ip)}:${atoms[familyOf(ip)].kindOf(ip)}`;
}
