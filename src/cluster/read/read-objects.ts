/** Documents -> Kubernetes objects: which kinds are read, by whom, and what becomes of the rest. */
import { groupBy } from '../../lib/group-by.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import type { Decoding } from '../decode-error.ts';
import { FieldReader } from '../field-reader.ts';
import { type MetalLbObjects, noMetalLbObjects } from '../metallb/metallb.ts';
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
  Namespace,
  NetworkPolicy,
  Node,
  ReferenceGrant,
} from '../objects.ts';
import { isPlainObject, ownField } from '../plain-object.ts';
import type { SourceDocument } from '../source.ts';
import { goTypeOf } from './go-types.ts';
import { CALICO_VERSIONS, noPolicyObjects, POLICY_KINDS, type PolicyObjects } from './policy-kinds.ts';
import { readBgpConfiguration, readBgpPeer, readFelixConfiguration, readIpPool } from './read-calico.ts';
import { readEndpointSlice, readEndpoints } from './read-endpoints.ts';
import { GATEWAY_VERSIONS, readGateway, readGatewayClass, readHttpRoute, readReferenceGrant } from './read-gateway.ts';
import { readIngress, readIngressClass } from './read-ingress.ts';
import { checkKubeProxyConfig } from './read-kube-proxy.ts';
import { METALLB_KINDS } from './read-metallb.ts';
import { readNetworkPolicy } from './read-network-policy.ts';
import { readNamespaceObject, readNode } from './read-node.ts';
import type { ReadOptions } from './read-options.ts';
import { type PodDraft, readPod } from './read-pod.ts';
import { readService, type ServiceDraft } from './read-service.ts';
import { readWorkload, type Workload, type WorkloadKind } from './read-workload.ts';

/** What the input holds, in its order; nothing is derived yet. */
export type ClusterObjects = PolicyObjects & {
  readonly namespaces: Namespace[];
  readonly nodes: Node[];
  readonly pods: PodDraft[];
  readonly workloads: Workload[];
  readonly services: ServiceDraft[];
  readonly slices: EndpointSlice[];
  /** Slices made of Endpoints objects: for Services without slices of their own. */
  readonly mirrored: EndpointSlice[];
  readonly policies: NetworkPolicy[];
  readonly ingresses: Ingress[];
  readonly ingressClasses: IngressClass[];
  readonly gatewayClasses: GatewayClass[];
  readonly gateways: Gateway[];
  readonly httpRoutes: HttpRoute[];
  readonly referenceGrants: ReferenceGrant[];
  readonly ipPools: IpPool[];
  readonly bgpPeers: BgpPeer[];
  readonly bgpConfigurations: BgpConfiguration[];
  readonly felixConfigurations: FelixConfiguration[];
  readonly metalLb: MetalLbObjects;
  /** Kinds that decide nothing here, with how many of them there were. */
  readonly skipped: Map<string, number>;
};

type KindReader = (reader: FieldReader, into: ClusterObjects, options: ReadOptions) => void;
type Kind = { readonly versions: readonly string[]; readonly read: KindReader };

function keep<T>(list: T[], object: T | undefined): void {
  if (object !== undefined) list.push(object);
}

function workload(kind: WorkloadKind): KindReader {
  return (reader, into, options) => keep(into.workloads, readWorkload(kind, reader, options));
}

const CALICO = CALICO_VERSIONS;

const ENTRIES: readonly (readonly [string, Kind])[] = [
  ['Namespace', { versions: ['v1'], read: (r, into) => keep(into.namespaces, readNamespaceObject(r)) }],
  ['Node', { versions: ['v1'], read: (r, into) => keep(into.nodes, readNode(r)) }],
  ['Pod', { versions: ['v1'], read: (r, into, options) => keep(into.pods, readPod(r, options)) }],
  ['Deployment', { versions: ['apps/v1'], read: workload('Deployment') }],
  ['ReplicaSet', { versions: ['apps/v1'], read: workload('ReplicaSet') }],
  ['StatefulSet', { versions: ['apps/v1'], read: workload('StatefulSet') }],
  ['DaemonSet', { versions: ['apps/v1'], read: workload('DaemonSet') }],
  ['Job', { versions: ['batch/v1'], read: workload('Job') }],
  ['CronJob', { versions: ['batch/v1'], read: workload('CronJob') }],
  ['ReplicationController', { versions: ['v1'], read: workload('ReplicationController') }],
  ['Service', { versions: ['v1'], read: (r, into, options) => keep(into.services, readService(r, options)) }],
  [
    'Endpoints',
    { versions: ['v1'], read: (r, into, options) => void into.mirrored.push(...readEndpoints(r, options)) },
  ],
  [
    'EndpointSlice',
    { versions: ['discovery.k8s.io/v1'], read: (r, into, options) => keep(into.slices, readEndpointSlice(r, options)) },
  ],
  [
    'NetworkPolicy',
    {
      versions: ['networking.k8s.io/v1'],
      read: (r, into, options) => keep(into.policies, readNetworkPolicy(r, options)),
    },
  ],
  [
    'Ingress',
    { versions: ['networking.k8s.io/v1'], read: (r, into, options) => keep(into.ingresses, readIngress(r, options)) },
  ],
  [
    'IngressClass',
    { versions: ['networking.k8s.io/v1'], read: (r, into) => keep(into.ingressClasses, readIngressClass(r)) },
  ],
  ['GatewayClass', { versions: GATEWAY_VERSIONS, read: (r, into) => keep(into.gatewayClasses, readGatewayClass(r)) }],
  ['Gateway', { versions: GATEWAY_VERSIONS, read: (r, into, options) => keep(into.gateways, readGateway(r, options)) }],
  [
    'HTTPRoute',
    { versions: GATEWAY_VERSIONS, read: (r, into, options) => keep(into.httpRoutes, readHttpRoute(r, options)) },
  ],
  [
    'ReferenceGrant',
    {
      versions: GATEWAY_VERSIONS,
      read: (r, into, options) => keep(into.referenceGrants, readReferenceGrant(r, options)),
    },
  ],
  ['ConfigMap', { versions: ['v1'], read: (r, _, options) => checkKubeProxyConfig(r, options) }],
  ['IPPool', { versions: CALICO, read: (r, into) => keep(into.ipPools, readIpPool(r)) }],
  ['BGPPeer', { versions: CALICO, read: (r, into) => keep(into.bgpPeers, readBgpPeer(r)) }],
  ['BGPConfiguration', { versions: CALICO, read: (r, into) => keep(into.bgpConfigurations, readBgpConfiguration(r)) }],
  [
    'FelixConfiguration',
    { versions: CALICO, read: (r, into) => keep(into.felixConfigurations, readFelixConfiguration(r)) },
  ],
  ...METALLB_KINDS.map(({ kind, versions, read }) => [kind, { versions, read }] as const),
  ...POLICY_KINDS.map(({ kind, versions, read }) => [kind, { versions, read }] as const),
];

/** By name; two API groups may have a kind of one name. */
const KINDS: ReadonlyMap<string, readonly Kind[]> = new Map(
  [...groupBy(ENTRIES, ([kind]) => kind)].map(([kind, entries]) => [kind, entries.map(([, each]) => each)]),
);

/** Kinds that would decide about packets but are not evaluated: to be told, not skipped in silence. */
const NOT_MODELLED: ReadonlyMap<string, readonly string[]> = new Map([
  ['projectcalico.org', ['BGPFilter']],
  ['crd.projectcalico.org', ['BGPFilter']],
  ['gateway.networking.k8s.io', ['GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute']],
  ['cilium.io', ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy']],
]);

export function readObjects(documents: readonly SourceDocument[], options: ReadOptions): ClusterObjects {
  const into: ClusterObjects = {
    ...{ namespaces: [], nodes: [], pods: [], workloads: [], services: [], slices: [], mirrored: [], policies: [] },
    ...{ ingresses: [], ingressClasses: [], ipPools: [], bgpPeers: [], bgpConfigurations: [], felixConfigurations: [] },
    ...{ gatewayClasses: [], gateways: [], httpRoutes: [], referenceGrants: [] },
    ...{ ...noPolicyObjects(), metalLb: noMetalLbObjects(), skipped: new Map() },
  };
  for (const document of documents) readDocument(document, into, options);
  return into;
}

function readDocument(document: SourceDocument, into: ClusterObjects, options: ReadOptions): void {
  const { value } = document;
  const kind = isPlainObject(value) ? ownField(value, 'kind') : undefined;
  const apiVersion = isPlainObject(value) ? ownField(value, 'apiVersion') : undefined;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return; // told by readDocuments()
  if (apiVersion.startsWith('nettrace/')) return;
  const known = KINDS.get(kind)?.find(({ versions }) => versions.includes(apiVersion));
  if (known !== undefined) {
    const reader = FieldReader.open({ document, path: [] }, value, options, decodingOf(apiVersion, kind));
    if (reader === undefined) return;
    known.read(reader, into, options);
    if (groupOf(apiVersion) !== 'metallb.io') warnOfNamespace(reader, kind);
    return;
  }
  const name = `${plain(apiVersion)} ${plain(kind)}`;
  into.skipped.set(name, (into.skipped.get(name) ?? 0) + 1);
  reportUnread(document, kind, apiVersion, options);
}

/** Kinds of the whole cluster, with what is of one namespace in their place. Admin policies say it themselves. */
const CLUSTER_SCOPED: ReadonlyMap<string, string | undefined> = new Map([
  ...['Namespace', 'Node', 'IngressClass', 'GatewayClass'].map((kind) => [kind, undefined] as const),
  ...['GlobalNetworkPolicy', 'StagedGlobalNetworkPolicy'].map((kind) => [kind, 'NetworkPolicy of Calico'] as const),
  ['GlobalNetworkSet', 'NetworkSet'],
  ...['Tier', 'Profile', 'HostEndpoint', 'IPPool', 'BGPPeer', 'BGPConfiguration', 'FelixConfiguration'].map(
    (kind) => [kind, undefined] as const,
  ),
]);

/** EnsureObjectNamespaceMatchesRequestNamespace(), and calicoctl, take it away without a word. */
function warnOfNamespace(reader: FieldReader, kind: string): void {
  if (!CLUSTER_SCOPED.has(kind)) return;
  const metadata = ownField(reader.value, 'metadata');
  const namespace = isPlainObject(metadata) ? ownField(metadata, 'namespace') : undefined;
  if (namespace === undefined || namespace === '') return;
  const instead = CLUSTER_SCOPED.get(kind);
  const hint =
    instead === undefined ? 'leave it out' : `leave it out, or write a ${instead}, which is of one namespace`;
  const message = `a ${kind} is of the whole cluster: the API server takes the namespace away`;
  reader.warn('not-namespaced', message, ['metadata', 'namespace'], { hint });
}

/** Who tells of mistakes: the built-in kinds are Go structs, those of Calico's API are read by calicoctl as well. */
function decodingOf(apiVersion: string, kind: string): Decoding | undefined {
  const type = goTypeOf(apiVersion, kind);
  if (type !== undefined) return { by: 'struct', type };
  return SCHEMA_GROUPS.includes(groupOf(apiVersion)) ? { by: 'schema' } : undefined;
}

/** Kinds of CustomResourceDefinitions. */
const SCHEMA_GROUPS = ['gateway.networking.k8s.io', 'policy.networking.k8s.io', 'metallb.io'];

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** Skipping is right for most kinds, and wrong for a mistyped one, an old version, and a policy of another API. */
function reportUnread(document: SourceDocument, kind: string, apiVersion: string, { issues }: ReadOptions): void {
  const group = groupOf(apiVersion);
  if (NOT_MODELLED.get(group)?.includes(kind)) {
    const message = `${plain(apiVersion)} ${plain(kind)} is not evaluated yet: answers leave it out`;
    issues.push({ severity: 'warning', code: 'not-modelled', message, at: document.locate([]) });
    return;
  }
  const known = KINDS.get(kind)?.[0];
  const ofThisGroup = KINDS.get(kind)?.find(({ versions }) => versions.some((version) => groupOf(version) === group));
  const olderGroups = ['extensions', 'apps', 'networking.k8s.io', 'batch', 'discovery.k8s.io'];
  if (known !== undefined && (ofThisGroup !== undefined || olderGroups.includes(group) || group === '')) {
    issues.push({
      severity: 'error',
      code: 'unknown-version',
      message: `${plain(kind)} of ${plain(apiVersion)} is not read: expected apiVersion ${(ofThisGroup ?? known).versions.join(' or ')}`,
      at: document.locate(['apiVersion']),
      hint: `write apiVersion: ${(ofThisGroup ?? known).versions[0] ?? ''}`,
    });
    return;
  }
  const ofGroup = ENTRIES.filter(([, { versions }]) => versions.some((version) => groupOf(version) === group));
  const [best] = nearest(
    kind,
    ofGroup.map(([name]) => name),
    1,
  );
  if (best === undefined || known !== undefined) return;
  issues.push({
    severity: 'error',
    code: 'unknown-kind',
    message: `${plain(apiVersion)} has no kind ${plain(kind)}`,
    at: document.locate(['kind']),
    hint: `did you mean ${best}?`,
  });
}
