import type { Cluster } from '../cluster/cluster.ts';
import type { Service } from '../cluster/objects.ts';

/** Names of the nodes on which the Service has a ready endpoint. */
export function nodesWithEndpoints(cluster: Cluster, service: Service): ReadonlySet<string> {
  return new Set(
    cluster
      .slicesOf(service)
      .flatMap(({ endpoints }) => endpoints.flatMap(({ ready, node }) => (ready && node !== undefined ? [node] : []))),
  );
}
