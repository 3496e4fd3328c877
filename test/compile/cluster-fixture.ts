/** Clusters for compilers' tests, written in a few words. Everything not said is Kubernetes' default. */
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../../src/cluster/objects.ts';
import { matchesLabels } from '../../src/cluster/selector.ts';
import type { ClusterSettings, NodeSettings, ProxySettings } from '../../src/cluster/settings.ts';
import { familyOf, type IpAddr, parseIp } from '../../src/net/address.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';

export function ip(text: string): IpAddr {
  return parseIp(text) ?? fault(`not an address: ${text}`);
}

export function prefix(text: string): Prefix {
  return parsePrefix(text) ?? fault(`not a prefix: ${text}`);
}

function fault(message: string): never {
  throw new Error(message);
}

export function service(fields: Partial<Service> & Pick<Service, 'name' | 'namespace'>): Service {
  return {
    kind: 'Service',
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [ip('172.30.0.41')],
    headless: false,
    selector: { app: fields.name },
    ports: [],
    externalIps: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: { kind: 'None' },
    loadBalancerIps: [],
    loadBalancerSourceRanges: [],
    healthCheckNodePort: 0,
    publishNotReadyAddresses: false,
    ...fields,
  };
}

export function servicePort(port: number, fields: Partial<Service['ports'][number]> = {}): Service['ports'][number] {
  return { name: '', protocol: 'TCP', port, targetPort: port, nodePort: 0, ...fields };
}

export function endpoint(address: string, fields: Partial<Endpoint> = {}): Endpoint {
  return { ip: ip(address), node: undefined, ready: true, serving: true, terminating: false, ...fields };
}

export function slice(of: Service, endpoints: readonly Endpoint[], ports?: EndpointSlice['ports']): EndpointSlice {
  const [first] = endpoints;
  return {
    kind: 'EndpointSlice',
    name: `${of.name}-abcde`,
    labels: {},
    annotations: {},
    namespace: of.namespace,
    service: of.name,
    family: first === undefined ? 4 : familyOf(first.ip),
    endpoints,
    ports: ports ?? of.ports.map(({ name, protocol, targetPort }) => ({ name, protocol, port: Number(targetPort) })),
  };
}

export function pod(fields: Partial<Pod> & Pick<Pod, 'name' | 'namespace'>): Pod {
  return {
    kind: 'Pod',
    labels: {},
    annotations: {},
    node: 'node1',
    ips: [],
    hostNetwork: false,
    phase: 'Running',
    ready: true,
    terminating: false,
    serviceAccount: 'default',
    ports: [],
    dns: { policy: 'ClusterFirst', nameservers: [], searches: [], ndots: 5 },
    ...fields,
  };
}

export function nodeSettings(name: string, address: string, fields: Partial<NodeSettings> = {}): NodeSettings {
  return {
    name,
    address: prefix(address),
    interface: 'eth0',
    controlPlane: false,
    mtu: 1500,
    segment: 'lan',
    sysctls: {},
    listen: [],
    ...fields,
  };
}

const PROXY: ProxySettings = {
  mode: 'iptables',
  clusterCIDRs: [prefix('10.0.0.0/8')],
  detectLocalMode: 'ClusterCIDR',
  masqueradeAll: false,
  localhostNodePorts: true,
  nodePortAddresses: [],
  randomFully: true,
  ipvs: { scheduler: 'rr', strictARP: false },
};

export type ClusterInput = {
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
  readonly nodes?: readonly Node[];
  readonly settings?: Partial<ClusterSettings>;
  readonly proxy?: Partial<ProxySettings>;
};

export function clusterOf({
  services = [],
  slices = [],
  pods = [],
  nodes = [],
  settings = {},
  proxy = {},
}: ClusterInput): Cluster {
  const slicesByService = new Map<string, EndpointSlice[]>();
  for (const each of slices) {
    const key = `${each.namespace}/${each.service}`;
    slicesByService.set(key, [...(slicesByService.get(key) ?? []), each]);
  }
  return {
    settings: {
      name: 'lab',
      kubernetesVersion: '1.34',
      calicoVersion: '3.31',
      clusterDomain: 'cluster.local',
      defaultNamespace: 'default',
      podCIDRs: [prefix('10.0.0.0/8')],
      serviceCIDRs: [prefix('172.30.0.0/16')],
      nodePortRange: { first: 30000, last: 32767 },
      proxy: { ...PROXY, ...proxy },
      cni: { plugin: 'none' },
      loadBalancer: { provider: 'none' },
      nodes: [nodeSettings('node1', '192.168.1.1/24'), nodeSettings('node2', '192.168.1.2/24')],
      bgpFaults: [],
      ...settings,
    },
    namespaces: new Map(),
    nodes,
    pods,
    services,
    slicesOf: ({ namespace, name }) => slicesByService.get(`${namespace}/${name}`) ?? [],
    notes: [],
    ingresses: [],
    ingressClasses: [],
    gatewayClasses: [],
    gateways: [],
    httpRoutes: [],
    referenceGrants: [],
    policies: [],
    adminPolicies: [],
    calicoPolicies: [],
    stagedPolicies: [],
    tiers: [],
    networkSets: [],
    hostEndpoints: [],
    profiles: [],
    serviceAccounts: [],
    ipPools: [],
    bgpPeers: [],
    bgpConfiguration: undefined,
    felixConfiguration: undefined,
    pod: (namespace, name) => pods.find((each) => each.namespace === namespace && each.name === name),
    service: (namespace, name) => services.find((each) => each.namespace === namespace && each.name === name),
    node: (name) => nodes.find((each) => each.name === name),
    workload: () => undefined,
    podByIp: (address) => pods.find(({ ips }) => ips.includes(address)),
    podsOnNode: (node) => pods.filter((each) => each.node === node),
    podsInNamespace: (namespace) => pods.filter((each) => each.namespace === namespace),
    podsWithLabels: (namespace, wanted) =>
      pods.filter((one) => one.namespace === namespace && matchesLabels(wanted, one.labels)),
    policiesInNamespace: () => [],
    namespaceLabels: () => ({}),
    serviceAccountLabels: () => ({}),
  };
}
