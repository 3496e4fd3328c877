/** Which endpoints a node uses: traffic policies, topology hints and the fallback to terminating Pods (pkg/proxy/topology.go). */
import type { ProxyEndpoint } from './endpoints.ts';

export type EndpointPolicy = { readonly usesClusterEndpoints: boolean; readonly usesLocalEndpoints: boolean };

export type NodeTopology = {
  readonly name: string;
  /** Label topology.kubernetes.io/zone. */
  readonly zone: string | undefined;
  /** Feature gate PreferSameTrafficDistribution: hints may name nodes. */
  readonly nodeHints: boolean;
};

export type EndpointSelection = {
  /** For the policy Cluster. */
  readonly cluster: readonly ProxyEndpoint[];
  /** For the policy Local. */
  readonly local: readonly ProxyEndpoint[];
  /** Those that some chain of this node jumps to. */
  readonly allReachable: readonly ProxyEndpoint[];
  /** Something in the cluster can serve, on this node or not. */
  readonly hasAny: boolean;
};

/** CategorizeEndpoints(). `endpoints` are sorted; so are the results. */
export function selectEndpoints(
  endpoints: readonly ProxyEndpoint[],
  policy: EndpointPolicy,
  node: NodeTopology,
): EndpointSelection {
  if (endpoints.length === 0) return { cluster: [], local: [], allReachable: [], hasAny: false };
  const ready = endpoints.filter(({ endpoint }) => endpoint.ready);
  const leaving = endpoints.filter(({ endpoint }) => endpoint.serving && endpoint.terminating);
  const hinted = hintedEndpoints(ready, node);

  let cluster: readonly ProxyEndpoint[] = [];
  if (policy.usesClusterEndpoints) {
    cluster = hinted ?? ready;
    if (cluster.length === 0) cluster = leaving;
  }
  if (!policy.usesLocalEndpoints) return { cluster, local: [], allReachable: cluster, hasAny: cluster.length > 0 };

  const isLocal = ({ endpoint }: ProxyEndpoint) => endpoint.node === node.name;
  const localReady = ready.filter(isLocal);
  const local = localReady.length > 0 ? localReady : leaving.filter(isLocal);
  const hasAny = ready.length > 0 || leaving.length > 0;
  if (!policy.usesClusterEndpoints) return { cluster, local, allReachable: local, hasAny };
  // Hints, and the two independent fallbacks, may leave a local endpoint out of the cluster's list.
  if (hinted === undefined && localReady.length === local.length)
    return { cluster, local, allReachable: cluster, hasAny };
  const used = new Set([...cluster, ...local]);
  return { cluster, local, allReachable: endpoints.filter((endpoint) => used.has(endpoint)), hasAny };
}

/** Ready endpoints meant for this node or its zone; undefined when one of them has no hint or none is meant for us. */
function hintedEndpoints(ready: readonly ProxyEndpoint[], node: NodeTopology): readonly ProxyEndpoint[] | undefined {
  const meant = (hints: (endpoint: ProxyEndpoint) => readonly string[] | undefined, here: string) => {
    if (!ready.every((endpoint) => (hints(endpoint)?.length ?? 0) > 0)) return undefined;
    const chosen = ready.filter((endpoint) => hints(endpoint)?.includes(here));
    return chosen.length > 0 ? chosen : undefined;
  };
  const byNode = node.nodeHints ? meant(({ endpoint }) => endpoint.hintNodes, node.name) : undefined;
  if (byNode !== undefined) return byNode;
  return node.zone === undefined ? undefined : meant(({ endpoint }) => endpoint.zones, node.zone);
}
