/** What a node knows of its own place, for topology hints. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeTopology } from './select-endpoints.ts';

export function nodeTopology(cluster: Cluster, name: string): NodeTopology {
  const labels = new Map(Object.entries(cluster.node(name)?.labels ?? {}));
  return {
    name,
    zone: labels.get('topology.kubernetes.io/zone'),
    nodeHints: honoursNodeHints(cluster.settings.kubernetesVersion),
  };
}

/** Feature gate PreferSameTrafficDistribution: beta, and on, since 1.34 (KEP-3015). */
function honoursNodeHints(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 34);
}
