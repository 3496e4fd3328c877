/** kube-proxy in nftables mode. */
import { isAtLeast } from '../../../cluster/kubernetes-version.ts';
import type { Parts, ProxyCompiler } from '../../parts.ts';
import { daemonListeners } from '../daemon-listeners.ts';
import { familyTable } from './family-table.ts';

/** The release that brought the mode (KEP-3866). */
const FIRST = 29;

export const nftablesProxy: ProxyCompiler = {
  name: 'nftables',
  forCluster(cluster, origins) {
    const { kubernetesVersion, nodes } = cluster.settings;
    const families = [familyTable(cluster, 4, origins), familyTable(cluster, 6, origins)] as const;
    const listeners = daemonListeners(cluster);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const message = `kube-proxy of Kubernetes ${kubernetesVersion} has no mode nftables; that of 1.33 is taken in its place`;
    return {
      notes: isAtLeast(kubernetesVersion, FIRST) ? [] : [{ code: 'MODEL_UNSUPPORTED', message }],
      node(name): Parts {
        const [four, six] = families;
        return {
          nftables: [four.node(name), ...(six.used ? [six.node(name)] : [])],
          listeners: listeners(byName.get(name)),
        };
      },
    };
  },
};
