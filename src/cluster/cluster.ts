/** All Kubernetes objects of the input, with the indexes that look-ups need. */
import type { IpAddr } from '../net/address.ts';
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

export type NamedWorkload = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A Job's CronJob, a ReplicaSet's Deployment. */
  readonly owner: Pod['owner'];
};

/**
 * Read-only view. Every list is in a fixed order: namespace, then name. `pods` are those that exist (workloads already
 * expanded, addresses and nodes already given out).
 */
export interface Cluster {
  readonly settings: ClusterSettings;
  /** What was derived because the input does not say it. */
  readonly notes: readonly Note[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  /** Given slices, and those made from selectors for Services that have none. */
  slicesOf(service: Service): readonly EndpointSlice[];
  /** NetworkPolicies of networking.k8s.io. */
  readonly policies: readonly NetworkPolicy[];
  /** AdminNetworkPolicies, BaselineAdminNetworkPolicies and ClusterNetworkPolicies. */
  readonly adminPolicies: readonly AdminPolicy[];
  /** Calico's NetworkPolicies and GlobalNetworkPolicies. */
  readonly calicoPolicies: readonly CalicoPolicy[];
  /** Calico's staged policies: reported, never enforced. */
  readonly stagedPolicies: readonly StagedPolicy[];
  /** Those that the input holds; every Calico has `default` beside them. */
  readonly tiers: readonly Tier[];
  readonly networkSets: readonly NetworkSet[];
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly profiles: readonly Profile[];
  readonly serviceAccounts: readonly ServiceAccount[];
  readonly ingresses: readonly Ingress[];
  readonly ingressClasses: readonly IngressClass[];
  readonly gatewayClasses: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly httpRoutes: readonly HttpRoute[];
  readonly referenceGrants: readonly ReferenceGrant[];
  readonly ipPools: readonly IpPool[];
  readonly bgpPeers: readonly BgpPeer[];
  readonly bgpConfiguration: BgpConfiguration | undefined;
  readonly felixConfiguration: FelixConfiguration | undefined;
  /** What MetalLB is told, where it runs. */
  readonly metalLb?: MetalLb;
  pod(namespace: string, name: string): Pod | undefined;
  service(namespace: string, name: string): Service | undefined;
  node(name: string): Node | undefined;
  /** A Deployment, Job … that the input holds, also where it has no Pods. */
  workload(kind: string, namespace: string, name: string): NamedWorkload | undefined;
  podByIp(ip: IpAddr): Pod | undefined;
  podsOnNode(node: string): readonly Pod[];
  podsInNamespace(namespace: string): readonly Pod[];
  /** Those that carry every pair; `wanted` must not be empty. */
  podsWithLabels(namespace: string, wanted: Labels): readonly Pod[];
  policiesInNamespace(namespace: string): readonly NetworkPolicy[];
  /** Labels of the namespace, `kubernetes.io/metadata.name` included, also of a namespace that no document declares. */
  namespaceLabels(namespace: string): Labels;
  /** Labels of a service account; none for one that is not among the objects. */
  serviceAccountLabels(namespace: string, name: string): Labels;
}
