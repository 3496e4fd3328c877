/** The Kubernetes objects, reduced to the fields that decide about packets. API defaults are filled in by read.ts. */
import type { Family, IpAddr } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { Source } from './source.ts';

export type Labels = Readonly<Record<string, string>>;
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export type SelectorRequirement = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
};
/** An empty selector selects everything; an absent one (undefined at the field) nothing. */
export type LabelSelector = { readonly matchLabels: Labels; readonly matchExpressions: readonly SelectorRequirement[] };

type ObjectBase = {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source?: Source;
};

export type Namespace = ObjectBase & { readonly kind: 'Namespace' };

/** Calico's policies select by its labels. A Pod may name one that is not among the objects: it has no labels then. */
export type ServiceAccount = ObjectBase & { readonly kind: 'ServiceAccount'; readonly namespace: string };

export type ContainerPort = {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly hostPort?: number;
  readonly hostIp?: IpAddr;
};

export type Pod = ObjectBase & {
  readonly kind: 'Pod';
  readonly namespace: string;
  readonly node: string | undefined;
  /** Primary address first; at most one of each family. Filled in by IPAM where the input has none. */
  readonly ips: readonly IpAddr[];
  readonly hostNetwork: boolean;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly serviceAccount: string;
  readonly hostname?: string;
  readonly subdomain?: string;
  /** Ports of all containers, in order. */
  readonly ports: readonly ContainerPort[];
  /** nettrace/listen: what is really listened on. undefined: every declared port, or every port when none is declared. */
  readonly listen?: readonly ListenSpec[];
  readonly dns: {
    readonly policy: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';
    readonly nameservers: readonly IpAddr[];
    readonly searches: readonly string[];
    readonly ndots: number;
  };
  /** The workload that it was made from, or that its ownerReferences name as its controller. */
  readonly owner?: { readonly kind: string; readonly name: string };
};

/** `80/tcp`, `127.0.0.1:80/tcp`, `none`. */
export type ListenSpec = {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number | 'any';
  readonly address?: IpAddr;
};

export type Node = ObjectBase & {
  readonly kind: 'Node';
  readonly internalIps: readonly IpAddr[];
  readonly podCIDRs: readonly Prefix[];
  readonly unschedulable: boolean;
};

export type ServicePort = {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number | string;
  readonly nodePort: number;
};

export type Service = ObjectBase & {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** Empty when headless (`None`) or not yet given; allocated by the loader otherwise. */
  readonly clusterIps: readonly IpAddr[];
  readonly headless: boolean;
  /** spec.ipFamilies as the API server completes it, the primary one first. Absent: ExternalName. */
  readonly ipFamilies?: readonly Family[];
  readonly selector: Labels | undefined;
  readonly ports: readonly ServicePort[];
  readonly externalIps: readonly IpAddr[];
  readonly externalName?: string;
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly internalTrafficPolicy: 'Cluster' | 'Local';
  readonly sessionAffinity: { readonly kind: 'None' } | { readonly kind: 'ClientIP'; readonly timeoutSeconds: number };
  readonly loadBalancerIps: readonly { readonly ip: IpAddr; readonly mode: 'VIP' | 'Proxy' }[];
  readonly loadBalancerSourceRanges: readonly Prefix[];
  readonly healthCheckNodePort: number;
  readonly publishNotReadyAddresses: boolean;
  /** Which hints its slices carry (topology-hints.ts); absent: none. */
  readonly trafficDistribution?: 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';
};

export type Endpoint = {
  readonly ip: IpAddr;
  readonly node: string | undefined;
  readonly hostname?: string;
  readonly pod?: { readonly namespace: string; readonly name: string };
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zones?: readonly string[];
  readonly hintNodes?: readonly string[];
};

/** Ports of a slice apply to each of its endpoints. */
export type EndpointSlice = ObjectBase & {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  readonly service: string;
  readonly family: 4 | 6;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number | undefined }[];
};

export type NetworkPolicyPort = {
  readonly protocol: Protocol;
  readonly port?: number | string;
  readonly endPort?: number;
};
export type NetworkPolicyPeer =
  | { readonly kind: 'ipBlock'; readonly cidr: Prefix; readonly except: readonly Prefix[] }
  | {
      readonly kind: 'pods';
      readonly podSelector: LabelSelector | undefined;
      readonly namespaceSelector: LabelSelector | undefined;
    };

/** Empty `peers` or `ports` mean all. */
export type NetworkPolicyRule = {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
};

export type NetworkPolicy = ObjectBase & {
  readonly kind: 'NetworkPolicy';
  readonly namespace: string;
  readonly podSelector: LabelSelector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress: readonly NetworkPolicyRule[];
  readonly egress: readonly NetworkPolicyRule[];
};

export type BgpPeer = ObjectBase & {
  readonly kind: 'BGPPeer';
  readonly node?: string;
  readonly nodeSelector?: string;
  readonly peerIp?: IpAddr;
  readonly asNumber?: number;
  readonly peerSelector?: string;
};

export type IpPool = ObjectBase & {
  readonly kind: 'IPPool';
  readonly cidr: Prefix;
  readonly blockSize: number;
  readonly ipipMode: 'Never' | 'Always' | 'CrossSubnet';
  readonly vxlanMode: 'Never' | 'Always' | 'CrossSubnet';
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  readonly nodeSelector: string;
};

export type BgpConfiguration = ObjectBase & {
  readonly kind: 'BGPConfiguration';
  readonly asNumber: number;
  readonly nodeToNodeMeshEnabled: boolean;
};
export type FelixConfiguration = ObjectBase & {
  readonly kind: 'FelixConfiguration';
  readonly defaultEndpointToHostAction: 'Drop' | 'Accept' | 'Return';
  readonly chainInsertMode: 'Insert' | 'Append';
  readonly denyAction: 'Drop' | 'Reject';
  /** Ports that host endpoint policy cannot close, where they are not Felix's own. */
  readonly failsafeInbound?: readonly FailsafePort[];
  readonly failsafeOutbound?: readonly FailsafePort[];
};

export type FailsafePort = { readonly protocol: 'tcp' | 'udp' | 'sctp'; readonly port: number; readonly net?: Prefix };

export type IngressBackend = { readonly service: string; readonly port: number | string };
export type IngressPath = {
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: IngressBackend | undefined;
};
export type Ingress = ObjectBase & {
  readonly kind: 'Ingress';
  readonly namespace: string;
  readonly className: string | undefined;
  readonly defaultBackend: IngressBackend | undefined;
  /** An absent host matches every host. */
  readonly rules: readonly { readonly host: string | undefined; readonly paths: readonly IngressPath[] }[];
  readonly tlsHosts: readonly string[];
  /** status.loadBalancer: where the controller says it can be reached. */
  readonly addresses: readonly IpAddr[];
};
export type IngressClass = ObjectBase & {
  readonly kind: 'IngressClass';
  readonly controller: string;
  readonly isDefault: boolean;
};

export type GatewayClass = ObjectBase & { readonly kind: 'GatewayClass'; readonly controllerName: string };

export type GatewayListener = {
  readonly name: string;
  /** An absent hostname takes every host. */
  readonly hostname: string | undefined;
  readonly port: number;
  readonly protocol: string;
  /** Namespaces whose routes may attach. */
  readonly routesFrom: 'All' | 'Same' | 'None' | LabelSelector;
};
export type Gateway = ObjectBase & {
  readonly kind: 'Gateway';
  readonly namespace: string;
  readonly className: string;
  readonly listeners: readonly GatewayListener[];
  /** Of its status, else of its spec. */
  readonly addresses: readonly IpAddr[];
};

export type HeaderMatch = {
  readonly name: string;
  readonly type: 'Exact' | 'RegularExpression';
  readonly value: string;
};
export type HttpRouteMatch = {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string };
  readonly method: string | undefined;
  readonly headers: readonly HeaderMatch[];
  readonly queryParams: readonly HeaderMatch[];
};
export type HttpRouteBackend = {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | undefined;
  readonly weight: number;
  /** Anything but a Service of the core group. */
  readonly foreignKind: string | undefined;
};
export type HttpRouteRule = {
  /** At least one: without any, a rule takes every path. */
  readonly matches: readonly HttpRouteMatch[];
  readonly redirect: { readonly status: number; readonly scheme?: string; readonly hostname?: string } | undefined;
  /** Filters that could change the answer and are not modelled. */
  readonly otherFilters: readonly string[];
  readonly backends: readonly HttpRouteBackend[];
};
export type HttpRoute = ObjectBase & {
  readonly kind: 'HTTPRoute';
  readonly namespace: string;
  readonly parents: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly sectionName: string | undefined;
    readonly port: number | undefined;
  }[];
  readonly hostnames: readonly string[];
  readonly rules: readonly HttpRouteRule[];
};

/** Lets routes of other namespaces name Services of its own. */
export type ReferenceGrant = ObjectBase & {
  readonly kind: 'ReferenceGrant';
  readonly namespace: string;
  readonly fromNamespaces: readonly string[];
  /** Empty: every Service. */
  readonly services: readonly string[];
};
