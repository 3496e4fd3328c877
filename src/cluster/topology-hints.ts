/** The hints that the endpointslice controller writes for spec.trafficDistribution (endpointslice/trafficdist: preferCloseHeuristic). */
import { isAtLeast } from './kubernetes-version.ts';
import type { Endpoint, EndpointSlice, Labels, Service } from './objects.ts';

/** What decides about hints beside the Service itself. */
export type HintContext = {
  readonly kubernetesVersion: string;
  /** Labels of the node of that name. */
  readonly labelsOf: (node: string) => Labels | undefined;
};

/** Feature gate ServiceTrafficDistribution: beta, and on, since 1.31 (KEP-4444). Before, the API server drops the field. */
const TRAFFIC_DISTRIBUTION = 31;
/** Feature gate PreferSameTrafficDistribution: beta, and on, since 1.34 (KEP-3015). */
const SAME_TRAFFIC_DISTRIBUTION = 34;

const ZONE = 'topology.kubernetes.io/zone';

/** Endpoints that are ready are meant for their own zone, with PreferSameNode for their own node as well. */
export function withHints(
  slices: readonly EndpointSlice[],
  { trafficDistribution }: Service,
  { kubernetesVersion, labelsOf }: HintContext,
): readonly EndpointSlice[] {
  const known = trafficDistribution === 'PreferClose' ? TRAFFIC_DISTRIBUTION : SAME_TRAFFIC_DISTRIBUTION;
  if (trafficDistribution === undefined || !isAtLeast(kubernetesVersion, known)) return slices;
  const toNodes = trafficDistribution === 'PreferSameNode';
  const hinted = (endpoint: Endpoint): Endpoint => {
    const { ready, node } = endpoint;
    if (!ready || node === undefined) return endpoint;
    const zone = new Map(Object.entries(labelsOf(node) ?? {})).get(ZONE);
    return {
      ...endpoint,
      ...(zone === undefined ? {} : { zones: [zone] }),
      ...(toNodes ? { hintNodes: [node] } : {}),
    };
  };
  return slices.map((slice) => ({ ...slice, endpoints: slice.endpoints.map(hinted) }));
}
