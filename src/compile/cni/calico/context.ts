/** What all parts of Calico's compiler share for one cluster. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { BgpNetwork } from './bgp.ts';
import type { Blocks } from './blocks.ts';
import type { Origins } from './origins.ts';
import { encapsulations, type Pool } from './pools.ts';
import type { CalicoVersion } from './version.ts';
import type { Workload } from './workload.ts';

export type CalicoContext = {
  readonly cluster: Cluster;
  readonly version: CalicoVersion;
  readonly pools: readonly Pool[];
  readonly blocks: Blocks;
  readonly bgp: BgpNetwork;
  readonly origins: Origins;
  /** Endpoints of a node, in a fixed order. */
  workloadsOn(node: string): readonly Workload[];
};

/** Bytes that each tunnel adds in front of a packet. */
export const OVERHEAD = { ipip: 20, vxlan: 50 } as const;

/** Pods get the smallest MTU of all encapsulations in use (felix/dataplane/linux/int_dataplane.go: determinePodMTU). */
export function podMtu(pools: readonly Pool[], node: NodeSettings): number {
  const { ipip, vxlan } = encapsulations(pools);
  return node.mtu - Math.max(ipip ? OVERHEAD.ipip : 0, vxlan ? OVERHEAD.vxlan : 0);
}
