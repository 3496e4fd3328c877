/** A whole cluster with Calico in the emulator: nodes on one segment, their Pods, and machines outside. */
import type { Cluster } from '../../../../src/cluster/cluster.ts';
import { type Calico, compileCalico } from '../../../../src/compile/cni/calico/calico.ts';
import type { Workload } from '../../../../src/compile/cni/calico/workload.ts';
import { compileNode } from '../../../../src/compile/node.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { PROXY_MODES } from '../../../../src/compile/proxy/index.ts';
import type { NetnsSpec } from '../../../../src/kernel/netns-spec.ts';
import type { World } from '../../../../src/kernel/world.ts';
import { worldOf } from '../../../kernel/walk/world.ts';

export type CalicoWorld = { readonly world: World; readonly calico: Calico; readonly origins: OriginTable };

export function calicoWorld(
  cluster: Cluster,
  containers: readonly Workload[] = [],
  others: readonly NetnsSpec[] = [],
): CalicoWorld {
  const origins = new OriginTable();
  const calico = compileCalico({ cluster, origins, containers });
  const proxy = PROXY_MODES.none.forCluster(cluster, origins);
  const nodes = cluster.settings.nodes.map((node) => compileNode({ cluster, node, cni: calico, proxy, origins }));
  const pods = cluster.pods.filter(({ hostNetwork }) => !hostNetwork).map((pod) => calico.pod(pod));
  const workloads = containers.map((workload) => calico.workload(workload));
  return { world: worldOf([...nodes, ...pods, ...workloads, ...others]), calico, origins };
}
