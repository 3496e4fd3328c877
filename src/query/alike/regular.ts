/** Whether an input holds only what is known to treat alike what looks alike. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { CalicoSettings, ClusterSettings, CniSettings, ProxySettings } from '../../cluster/settings.ts';
import type { Loaded } from '../../topology/load.ts';
import type { HostDocument } from '../../topology/nettrace/host-document.ts';
import type { NodeEntry } from '../../topology/nettrace/node-entry.ts';

/** For each field: it does not matter here (`true`: others look at it, or nothing does), or what it must be. */
type Understood<T> = { readonly [Field in keyof T]-?: true | ((value: T[Field]) => boolean) };

const none = (list: readonly unknown[]): boolean => list.length === 0;

const PROXY: Understood<ProxySettings> = {
  mode: true,
  clusterCIDRs: true,
  // A prefix of names could tell the Pods' devices apart.
  detectLocalMode: (mode) => mode === 'ClusterCIDR' || mode === 'NodeCIDR' || mode === 'none',
  bridgeInterface: true,
  interfaceNamePrefix: true,
  masqueradeAll: true,
  localhostNodePorts: true,
  // Nodes may have a rule for each of their addresses among them.
  nodePortAddresses: none,
  nodePortPrimary: true,
  randomFully: true,
  nfacct: true,
  ipvs: true,
};

const CALICO: Understood<CalicoSettings> = {
  encapsulation: true,
  blockSize: true,
  natOutgoing: true,
  bgp: ({ nodeToNodeMesh }) => nodeToNodeMesh,
};

function isKnownPlugin(cni: CniSettings): boolean {
  return cni.plugin === 'calico' ? fits(CALICO, cni.calico) : cni.plugin === 'flannel' || cni.plugin === 'canal';
}

const SETTINGS: Understood<ClusterSettings> = {
  name: true,
  kubernetesVersion: true,
  calicoVersion: true,
  clusterDomain: true,
  defaultNamespace: true,
  podCIDRs: true,
  serviceCIDRs: true,
  nodePortRange: true,
  proxy: (proxy) => fits(PROXY, proxy),
  cni: isKnownPlugin,
  loadBalancer: true,
  // node-kinds.ts
  nodes: true,
  // Which nodes announce load balancers.
  kubeadm: true,
  bgpFaults: none,
  source: true,
};

const CLUSTER: Understood<Cluster> = {
  settings: (settings) => fits(SETTINGS, settings),
  notes: true,
  namespaces: true,
  // node-kinds.ts
  nodes: true,
  // pod-kinds.ts
  pods: true,
  // node-kinds.ts, address-kinds.ts
  services: true,
  slicesOf: true,
  // address-kinds.ts and pod-kinds.ts, by what the policies look at.
  policies: true,
  adminPolicies: true,
  calicoPolicies: true,
  networkSets: true,
  tiers: true,
  // Never enforced.
  stagedPolicies: true,
  hostEndpoints: none,
  profiles: none,
  serviceAccounts: true,
  // Only who answers HTTP looks at these, and those questions are walked in full.
  ingresses: true,
  ingressClasses: true,
  gatewayClasses: true,
  gateways: true,
  httpRoutes: true,
  referenceGrants: true,
  ipPools: (pools) => pools.every(({ nodeSelector }) => nodeSelector === '' || nodeSelector === 'all()'),
  bgpPeers: none,
  bgpConfiguration: (configuration) => configuration?.nodeToNodeMeshEnabled !== false,
  // One for all nodes.
  felixConfiguration: true,
  // Who answers for addresses of load balancers, which no backend has.
  metalLb: true,
  pod: true,
  service: true,
  node: true,
  workload: true,
  podByIp: true,
  podsOnNode: true,
  podsInNamespace: true,
  podsWithLabels: true,
  policiesInNamespace: true,
  namespaceLabels: true,
  serviceAccountLabels: true,
};

function fits<T extends object>(understood: Understood<T>, value: T): boolean {
  for (const field in understood) {
    const test = understood[field];
    if (test !== true && !test(value[field])) return false;
  }
  return true;
}

const kept = new WeakMap<Loaded, boolean>();

export function isRegular(loaded: Loaded): boolean {
  let known = kept.get(loaded);
  if (known === undefined) {
    const { cluster, documents } = loaded;
    const { hosts, containers, networks, faults } = documents;
    const nodes = new Set(cluster.settings.nodes.map(({ name }) => name));
    known =
      [containers, networks, faults].every(none) &&
      hosts.every((host) => !nodes.has(host.name) && isPlainHost(host)) &&
      (documents.cluster?.nodes ?? []).every(isPlainNode) &&
      fits(CLUSTER, cluster);
    kept.set(loaded, known);
  }
  return known;
}

/** It answers for its own addresses alone, and joins no segments. What else it does only matters to a walk that meets it. */
function isPlainHost({ interfaces, sysctls, docker }: HostDocument): boolean {
  const answersForOthers = Object.keys(sysctls).some((name) => /proxy|arp/.test(name));
  return (
    !answersForOthers &&
    docker === undefined &&
    interfaces.every(({ kind }) => kind === 'ethernet' || kind === 'loopback' || kind === 'dummy')
  );
}

function isPlainNode({ docker, routes }: NodeEntry): boolean {
  return docker === undefined && routes.length === 0;
}
