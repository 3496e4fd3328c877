/** A cluster's texts as the machines and the world that they make. */
import type { Netns } from '../../../src/kernel/netns.ts';
import type { InputFile } from '../../../src/topology/input-file.ts';
import { type Loaded, loadTopology } from '../../../src/topology/load.ts';
import { podMachine } from '../../../src/topology/world/inventory.ts';

export type LoadedCluster = Loaded & { readonly machines: readonly Netns[] };

/** Every namespace: nodes, hosts, the implied router, then Pods that have a namespace of their own. */
export function loadCluster(files: readonly InputFile[]): LoadedCluster {
  const loaded = loadTopology(files);
  if (!loaded.ok)
    throw new Error(`the cluster does not load: ${loaded.issues.map(({ message }) => message).join('; ')}`);
  const { world, cluster } = loaded.value;
  const pods = cluster.pods.filter((pod) => pod.ips.length > 0).map((pod) => podMachine(pod).netns);
  const names = new Set([...world.machines.map(({ netns }) => netns), ...pods]);
  return { ...loaded.value, machines: [...names].map((id) => world.netns(id)) };
}
