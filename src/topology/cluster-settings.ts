/** All settings of the cluster: the Cluster document, then what manifests say, then the defaults of product.md. */

import type { Note } from '../cluster/note.ts';
import type {
  BgpSessionFault,
  ClusterSettings,
  CniSettings,
  NodeSettings,
  ProxySettings,
} from '../cluster/settings.ts';
import { type IpAddr, ip4, isIp4, offsetIp, printIp } from '../net/address.ts';
import { contains, hostPrefix, network, overlaps, type Prefix, printPrefix } from '../net/prefix.ts';
import type { ManifestFacts, NodeFacts } from './manifest-facts.ts';
import { type ClusterDocument, DEFAULT_CALICO, DEFAULT_SEGMENT, type NodeEntry } from './nettrace/cluster-document.ts';

export type SettledCluster = { readonly settings: ClusterSettings; readonly notes: readonly Note[] };

/** 10.244.0.0/16 of kubeadm's examples; the others where machines are on that network. */
const POD_CIDRS: readonly Prefix[] = [
  { addr: ip4(0x0af40000), bits: 16 },
  { addr: ip4(0xac180000), bits: 16 },
];
/** kubeadm's 10.96.0.0/12; 172.20.0.0/16 and 10.100.0.0/16 are those of EKS. */
const SERVICE_CIDRS: readonly Prefix[] = [
  { addr: ip4(0x0a600000), bits: 12 },
  { addr: ip4(0xac140000), bits: 16 },
  { addr: ip4(0x0a640000), bits: 16 },
];

/** Where machines without an address are put: the first of these that is no Pod or Service network. */
const NODE_NETWORKS: readonly [Prefix, ...Prefix[]] = [
  { addr: ip4(0xc0a80000), bits: 24 },
  { addr: ip4(0xac1f0000), bits: 24 },
  { addr: ip4(0x0a000000), bits: 24 },
];

export function settleCluster(
  document: ClusterDocument | undefined,
  facts: ManifestFacts,
  bgpFaults: readonly BgpSessionFault[],
  /** Addresses of machines that are no nodes: nothing is given out twice. */
  taken: readonly IpAddr[],
): SettledCluster {
  const notes: Note[] = [];
  const machines = [
    ...taken.map(hostPrefix),
    ...(document?.nodes ?? []).flatMap(({ address }) => address ?? []),
    ...facts.nodes.flatMap(({ address }) =>
      address === undefined ? [] : [{ addr: address.ip, bits: address.bits ?? 24 }],
    ),
  ];
  const podCIDRs = document?.podCIDRs ?? facts.cluster.podCIDRs ?? firstClear(POD_CIDRS, machines);
  const serviceCIDRs = document?.serviceCIDRs ?? facts.cluster.serviceCIDRs ?? firstClear(SERVICE_CIDRS, machines);
  const nodes = settleNodes(document, facts, [...podCIDRs, ...serviceCIDRs], taken, notes);
  const settings: ClusterSettings = {
    name: document?.name ?? 'cluster',
    kubernetesVersion: document?.kubernetesVersion ?? facts.cluster.kubernetesVersion ?? '1.34',
    calicoVersion: document?.calicoVersion ?? '3.31',
    clusterDomain: document?.clusterDomain ?? facts.cluster.clusterDomain ?? 'cluster.local',
    defaultNamespace: document?.defaultNamespace ?? 'default',
    podCIDRs,
    serviceCIDRs,
    nodePortRange: document?.nodePortRange ?? { first: 30000, last: 32767 },
    proxy: settleProxy({ ...facts.proxy, ...document?.proxy }, podCIDRs),
    cni: document?.cni ?? guessCni(facts, nodes.length > 0 ? notes : []),
    loadBalancer: document?.loadBalancer ?? { provider: 'none' },
    nodes,
    bgpFaults,
    ...(document === undefined ? {} : { source: document.source }),
  };
  return { settings, notes };
}

function firstClear(candidates: readonly Prefix[], machines: readonly Prefix[]): readonly Prefix[] {
  const clear = candidates.find((candidate) => !machines.some((machine) => overlaps(candidate, machine)));
  return clear === undefined ? candidates.slice(0, 1) : [clear];
}

function settleProxy(given: Partial<ProxySettings>, podCIDRs: readonly Prefix[]): ProxySettings {
  return {
    mode: 'iptables',
    clusterCIDRs: podCIDRs,
    detectLocalMode: 'ClusterCIDR',
    masqueradeAll: false,
    localhostNodePorts: true,
    nodePortAddresses: [],
    randomFully: true,
    ipvs: { scheduler: 'rr', strictARP: false },
    ...given,
  };
}

function guessCni(facts: ManifestFacts, notes: Note[]): CniSettings {
  if (facts.plugin === 'flannel') return { plugin: 'flannel', flannel: { backend: 'vxlan' } };
  if (facts.plugin === undefined) {
    notes.push({
      code: 'CNI_ASSUMED',
      message:
        'the input does not say which CNI plugin runs: Calico without encapsulation is assumed (spec.cni of a Cluster document)',
    });
  }
  return { plugin: 'calico', calico: DEFAULT_CALICO };
}

type Draft = { readonly name: string; readonly entry: NodeEntry | undefined; readonly facts: NodeFacts | undefined };

function settleNodes(
  document: ClusterDocument | undefined,
  facts: ManifestFacts,
  networks: readonly Prefix[],
  taken: readonly IpAddr[],
  notes: Note[],
): readonly NodeSettings[] {
  const drafts = draftNodes(document, facts, notes);
  const known = drafts.flatMap(({ entry, facts: node }) => entry?.address ?? prefixOf(node) ?? []);
  const used = new Set<IpAddr>([...taken, ...known.map(({ addr }) => addr)]);
  for (const { entry } of drafts) if (entry?.gateway !== undefined) used.add(entry.gateway);
  const shared = commonNetwork(drafts, networks, known);
  const gateways = new Map<string, IpAddr>();
  let assumed = false;
  const addresses = drafts.map(({ entry, facts: node }) => {
    if (entry?.address !== undefined) return entry.address;
    const ip = node?.address?.ip ?? nextFree(shared, used, 11);
    used.add(ip);
    assumed ||= node?.address?.bits === undefined;
    return { addr: ip, bits: node?.address?.bits ?? (contains(shared, ip) ? shared.bits : isIp4(ip) ? 24 : 64) };
  });
  if (assumed) {
    const list = drafts.flatMap(({ name, entry }, index) => {
      const address = addresses[index];
      return entry?.address === undefined && address !== undefined ? [`${name} ${printPrefix(address)}`] : [];
    });
    const shown = list.length > 5 ? [...list.slice(0, 5), `${list.length - 5} more`] : list;
    notes.push({
      code: 'NODE_NETWORK_ASSUMED',
      message: `addresses or prefix lengths of nodes are assumed: ${shown.join(', ')}`,
    });
  }
  return drafts.map((draft, index) => {
    const address = addresses[index] ?? shared;
    return settleNode(draft, address, document?.segment ?? DEFAULT_SEGMENT, (own) => {
      const key = printPrefix(network(own));
      const gateway = gateways.get(key) ?? nextFree(network(own), used, 1);
      if (!gateways.has(key)) {
        gateways.set(key, gateway);
        used.add(gateway);
        notes.push({
          code: 'GATEWAY_ASSUMED',
          message: `the input names no gateway of ${key}: ${printIp(gateway)} is assumed`,
        });
      }
      return gateway;
    });
  });
}

/** Nodes of the Cluster document in its order, then other Node objects; names that Pods mention where there is neither. */
function draftNodes(document: ClusterDocument | undefined, facts: ManifestFacts, notes: Note[]): readonly Draft[] {
  const objects = new Map(facts.nodes.map((node) => [node.name, node]));
  const drafts = new Map<string, Draft>();
  for (const entry of document?.nodes ?? []) {
    drafts.set(entry.name, { name: entry.name, entry, facts: objects.get(entry.name) });
  }
  for (const node of facts.nodes) {
    if (!drafts.has(node.name)) drafts.set(node.name, { name: node.name, entry: undefined, facts: node });
  }
  if (drafts.size > 0 || !facts.hasPods) return [...drafts.values()];
  const names = facts.nodeNames.length > 0 ? [...facts.nodeNames].sort() : ['node-1', 'node-2'];
  notes.push({
    code: 'NODES_ASSUMED',
    message: `the input describes no nodes: ${names.length} are assumed (${names.slice(0, 5).join(', ')})`,
  });
  return names.map((name) => ({ name, entry: undefined, facts: undefined }));
}

function prefixOf(node: NodeFacts | undefined): Prefix | undefined {
  return node?.address === undefined ? undefined : { addr: node.address.ip, bits: node.address.bits ?? 32 };
}

/**
 * The network of nodes whose prefix length nobody gave: that of a node that has one, else the smallest of /16 to /24 that
 * holds all their addresses, else one of our own.
 */
function commonNetwork(drafts: readonly Draft[], others: readonly Prefix[], known: readonly Prefix[]): Prefix {
  const given = drafts.find(({ entry, facts }) => entry?.address !== undefined || facts?.address?.bits !== undefined);
  const whole = given?.entry?.address ?? prefixOf(given?.facts);
  if (whole !== undefined) return network(whole);
  const [first] = known;
  if (first !== undefined && isIp4(first.addr)) {
    for (let bits = 24; bits >= 16; bits--) {
      const candidate = network({ addr: first.addr, bits });
      if (known.every(({ addr }) => contains(candidate, addr))) return candidate;
    }
    return network({ addr: first.addr, bits: 24 });
  }
  if (first !== undefined) return network({ addr: first.addr, bits: 64 });
  const [fallback] = NODE_NETWORKS;
  const clear = NODE_NETWORKS.find((candidate) => !others.some((other) => overlaps(candidate, other)));
  return clear ?? fallback;
}

function nextFree(prefix: Prefix, used: ReadonlySet<IpAddr>, start: number): IpAddr {
  for (let offset = start; ; offset++) {
    const address = offsetIp(prefix.addr, offset);
    if (!used.has(address)) return address;
  }
}

function settleNode(
  { name, entry, facts }: Draft,
  address: Prefix,
  segment: string,
  gatewayOf: (own: Prefix) => IpAddr,
): NodeSettings {
  // A node that the Cluster document describes has the gateway it gives, or none.
  const gateway = entry === undefined ? gatewayOf(address) : entry.gateway;
  const podCIDR = entry?.podCIDR ?? facts?.podCIDR;
  const tunnelAddress = entry?.tunnelAddress ?? facts?.tunnelAddress;
  const asNumber = entry?.asNumber ?? facts?.asNumber;
  const clusterId = entry?.routeReflectorClusterId ?? facts?.routeReflectorClusterId;
  const source = entry?.source ?? (facts === undefined ? undefined : { document: facts.document, path: [] });
  return {
    name,
    address,
    interface: entry?.interface ?? 'eth0',
    controlPlane: entry?.controlPlane ?? facts?.controlPlane ?? false,
    mtu: entry?.mtu ?? 1500,
    segment: entry?.segment ?? segment,
    sysctls: entry?.sysctls ?? {},
    listen: entry?.listen ?? [],
    ...(gateway === undefined ? {} : { gateway }),
    ...(podCIDR === undefined ? {} : { podCIDR }),
    ...(entry?.blocks === undefined ? {} : { blocks: entry.blocks }),
    ...(tunnelAddress === undefined ? {} : { tunnelAddress }),
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(clusterId === undefined ? {} : { routeReflectorClusterId: clusterId }),
    ...(source === undefined ? {} : { source }),
  };
}
