/**
 * Builds the Cluster from its objects. Pods by name and by address are indexed at once, as every question needs them;
 * every other index is made at the first question that does.
 */
import { lazy, memoize } from '../lib/lazy.ts';
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import type { Cluster, NamedWorkload } from './cluster.ts';
import { makeSlices } from './endpoints.ts';
import { LabelIndex } from './label-index.ts';
import type { MetalLb } from './metallb/metallb.ts';
import type { Note } from './note.ts';
import type {
  BgpConfiguration,
  BgpPeer,
  EndpointSlice,
  FelixConfiguration,
  Gateway,
  GatewayClass,
  HttpRoute,
  Ingress,
  IngressClass,
  IpPool,
  Labels,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  ReferenceGrant,
  Service,
  ServiceAccount,
} from './objects.ts';
import type { AdminPolicy } from './policy/admin-policy.ts';
import type { CalicoPolicy, HostEndpoint, NetworkSet, Profile, StagedPolicy, Tier } from './policy/calico-policy.ts';
import type { ClusterSettings } from './settings.ts';
import { withHints } from './topology-hints.ts';

/** Everything but the settings may be left out. */
export type ClusterParts = {
  readonly settings: ClusterSettings;
  readonly notes?: readonly Note[];
  readonly namespaces?: readonly Namespace[];
  readonly nodes?: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly workloads?: readonly NamedWorkload[];
  readonly services?: readonly Service[];
  /** Given ones; Services with a selector and no given slice get theirs from the Pods. */
  readonly slices?: readonly EndpointSlice[];
  readonly policies?: readonly NetworkPolicy[];
  readonly adminPolicies?: readonly AdminPolicy[];
  readonly calicoPolicies?: readonly CalicoPolicy[];
  readonly stagedPolicies?: readonly StagedPolicy[];
  readonly tiers?: readonly Tier[];
  readonly networkSets?: readonly NetworkSet[];
  readonly hostEndpoints?: readonly HostEndpoint[];
  readonly profiles?: readonly Profile[];
  readonly serviceAccounts?: readonly ServiceAccount[];
  readonly ingresses?: readonly Ingress[];
  readonly ingressClasses?: readonly IngressClass[];
  readonly gatewayClasses?: readonly GatewayClass[];
  readonly gateways?: readonly Gateway[];
  readonly httpRoutes?: readonly HttpRoute[];
  readonly referenceGrants?: readonly ReferenceGrant[];
  readonly ipPools?: readonly IpPool[];
  readonly bgpPeers?: readonly BgpPeer[];
  readonly bgpConfiguration?: BgpConfiguration;
  readonly felixConfiguration?: FelixConfiguration;
  readonly metalLb?: MetalLb;
};

type Named = { readonly name: string; readonly namespace?: string };

/** The label that the API server puts on every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export function makeCluster(parts: ClusterParts): Cluster {
  const pods = sorted(parts.pods);
  const services = sorted(parts.services);
  const policies = sorted(parts.policies);
  const namespaces = new Map(sorted(parts.namespaces).map((namespace) => [namespace.name, namespace]));
  const nodes = sorted(parts.nodes);
  const serviceAccounts = sorted(parts.serviceAccounts);
  const serviceAccountIndex = lazy(() => byKey(serviceAccounts));
  const podIndex = byKey(pods);
  const serviceIndex = lazy(() => byKey(services));
  const nodeIndex = lazy(() => new Map(nodes.map((node) => [node.name, node])));
  const workloadIndex = lazy(
    () => new Map((parts.workloads ?? []).map((each) => [`${each.kind} ${each.namespace}/${each.name}`, each])),
  );
  const ipIndex = indexByIp(pods);
  const nodePods = lazy(() => groupBy(pods, (pod) => pod.node ?? ''));
  const namespacePods = lazy(() => groupBy(pods, (pod) => pod.namespace));
  const namespacePolicies = lazy(() => groupBy(policies, (policy) => policy.namespace));
  const labelIndex = lazy(() => new LabelIndex(pods));
  const given = lazy(() => groupBy(parts.slices ?? [], (slice) => `${slice.namespace}/${slice.service}`));
  const families = familiesOf(parts.settings);

  const slicesOf = memoize((service: Service): readonly EndpointSlice[] => {
    const written = given().get(`${service.namespace}/${service.name}`);
    if (written !== undefined) return written;
    if (service.selector === undefined || service.type === 'ExternalName') return [];
    const own = service.ipFamilies ?? [...new Set(service.clusterIps.map(familyOf))];
    const selected = labelIndex().matching(service.namespace, service.selector);
    const slices = makeSlices(service, selected, own.length > 0 ? own : families);
    return withHints(slices, service, {
      kubernetesVersion: parts.settings.kubernetesVersion,
      labelsOf: (node) => nodeIndex().get(node)?.labels,
    });
  });
  const namespaceLabels = memoize((name: string): Labels => {
    const labels: Record<string, string> = Object.create(null);
    return Object.assign(labels, namespaces.get(name)?.labels, { [NAMESPACE_NAME]: name });
  });

  return {
    settings: parts.settings,
    notes: parts.notes ?? [],
    namespaces,
    nodes,
    pods,
    services,
    slicesOf,
    policies,
    adminPolicies: sorted(parts.adminPolicies),
    calicoPolicies: sorted(parts.calicoPolicies),
    stagedPolicies: sorted(parts.stagedPolicies),
    tiers: sorted(parts.tiers),
    networkSets: sorted(parts.networkSets),
    hostEndpoints: sorted(parts.hostEndpoints),
    profiles: sorted(parts.profiles),
    serviceAccounts,
    ingresses: sorted(parts.ingresses),
    ingressClasses: sorted(parts.ingressClasses),
    gatewayClasses: sorted(parts.gatewayClasses),
    gateways: sorted(parts.gateways),
    httpRoutes: sorted(parts.httpRoutes),
    referenceGrants: sorted(parts.referenceGrants),
    ipPools: sorted(parts.ipPools),
    bgpPeers: sorted(parts.bgpPeers),
    bgpConfiguration: parts.bgpConfiguration,
    felixConfiguration: parts.felixConfiguration,
    ...(parts.metalLb === undefined ? {} : { metalLb: parts.metalLb }),
    pod: (namespace, name) => podIndex.get(`${namespace}/${name}`),
    service: (namespace, name) => serviceIndex().get(`${namespace}/${name}`),
    node: (name) => nodeIndex().get(name),
    workload: (kind, namespace, name) => workloadIndex().get(`${kind} ${namespace}/${name}`),
    podByIp: (ip) => ipIndex.get(ip),
    podsOnNode: (node) => nodePods().get(node) ?? [],
    podsInNamespace: (namespace) => namespacePods().get(namespace) ?? [],
    podsWithLabels: (namespace, wanted) => labelIndex().matching(namespace, wanted),
    policiesInNamespace: (namespace) => namespacePolicies().get(namespace) ?? [],
    namespaceLabels,
    serviceAccountLabels: (namespace, name) => serviceAccountIndex().get(`${namespace}/${name}`)?.labels ?? {},
  };
}

/** Families of the Pod network, IPv4 first; IPv4 where nothing is said. */
function familiesOf({ podCIDRs }: ClusterSettings): readonly Family[] {
  const families = ([4, 6] as const).filter((family) => podCIDRs.some(({ addr }) => familyOf(addr) === family));
  return families.length > 0 ? families : [4];
}

/** By namespace, then name, in the order of their characters and not of any language. */
function sorted<T extends Named>(list: readonly T[] | undefined): readonly T[] {
  return [...(list ?? [])].sort((a, b) => compare(a.namespace ?? '', b.namespace ?? '') || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byKey<T extends Named>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [`${item.namespace}/${item.name}`, item]));
}

/** Pods on the host network have their node's address, which is not theirs alone; ended ones have given theirs back. */
function indexByIp(pods: readonly Pod[]): ReadonlyMap<IpAddr, Pod> {
  const index = new Map<IpAddr, Pod>();
  for (const pod of pods) {
    if (pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    for (const ip of pod.ips) index.set(ip, pod);
  }
  return index;
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
