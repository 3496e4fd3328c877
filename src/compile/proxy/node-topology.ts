/** What a node knows of its own place, for topology hints. */
import type { Cluster } from '../../cluster/cluster.ts';
import { isAtLeast } from '../../cluster/kubernetes-version.ts';
import type { NodeTopology } from './select-endpoints.ts';

export function nodeTopology(cluster: Cluster, name: string): NodeTopology {
  const labels = new Map(Object.entries(cluster.node(name)?.labels ?? {}));
  return {
    name,
    zone: labels.get('topology.kubernetes.io/zone'),
    // Feature gate PreferSameTrafficDistribution: beta, and on, since 1.34 (KEP-3015).
    nodeHints: isAtLeast(cluster.settings.kubernetesVersion, 34),
  };
}
