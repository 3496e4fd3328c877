/** What all parts of Calico's compiler share for one cluster. */

import { encapsulations, ofFamily, type Pool } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { Family, IpAddr } from '../../../net/address.ts';
import type { BgpNetwork } from './bgp.ts';
import type { Blocks } from './blocks.ts';
import type { Origins } from './origins.ts';
import type { CalicoVersion } from './version.ts';
import type { Workload } from './workload.ts';

/** One family's half: IPv4 and IPv6 have pools, blocks, BGP and rules of their own, and share the endpoints. */
export type CalicoContext = {
  readonly family: Family;
  readonly cluster: Cluster;
  readonly version: CalicoVersion;
  /** Of the family. */
  readonly pools: readonly Pool[];
  /** Of both families. */
  readonly allPools: readonly Pool[];
  /** Nodes that have an address of the family, with what they have of it. */
  readonly nodes: readonly NodeSettings[];
  readonly blocks: Blocks;
  readonly bgp: BgpNetwork;
  readonly origins: Origins;
  /** Addresses of a node's devices that are not Calico's and not its network card (docker0). */
  othersOn(node: string): readonly IpAddr[];
  /** Endpoints of a node, in a fixed order. */
  workloadsOn(node: string): readonly Workload[];
};

/** Bytes that each tunnel adds in front of a packet. */
export const OVERHEAD = { ipip: 20, vxlan: 50, vxlan6: 70 } as const;

/** Pods get the smallest MTU of all encapsulations in use (felix/dataplane/linux/int_dataplane.go: determinePodMTU). */
export function podMtu(pools: readonly Pool[], node: NodeSettings): number {
  const { ipip, vxlan } = encapsulations(ofFamily(pools, 4));
  const { vxlan: vxlan6 } = encapsulations(ofFamily(pools, 6));
  return node.mtu - Math.max(ipip ? OVERHEAD.ipip : 0, vxlan ? OVERHEAD.vxlan : 0, vxlan6 ? OVERHEAD.vxlan6 : 0);
}
