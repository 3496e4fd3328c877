/**
 * The few facts of Kubernetes manifests that say how the machines of a cluster are made, for inputs without (or beside) a
 * Cluster document. Manifests themselves are checked elsewhere: what is not as expected here is passed over.
 */

import { PREFIX } from '../cluster/field-type.ts';
import { familiesOf } from '../cluster/node-networks.ts';
import { isPlainObject, ownField, type PlainObject } from '../cluster/plain-object.ts';
import { WORKLOAD_KINDS } from '../cluster/read/read-workload.ts';
import type { ClusterSettings, FlannelBackend, NodeSettings, ProxySettings } from '../cluster/settings.ts';
import type { SourceDocument } from '../cluster/source.ts';
import { defined } from '../lib/defined.ts';
import { familyOf, type IpAddr, parseIp } from '../net/address.ts';
import { hostPrefix, network, type Prefix } from '../net/prefix.ts';
import { Networks, type Seen } from './guess-networks.ts';
import { isPrimary } from './nettrace/cluster-document.ts';
import { readYaml } from './yaml-documents.ts';

/** What a Node object says of a machine. */
export type NodeFacts = Partial<
  Pick<NodeSettings, 'tunnelAddress' | 'secondTunnelAddress' | 'asNumber' | 'routeReflectorClusterId'>
> & {
  readonly name: string;
  readonly controlPlane: boolean;
  /** At most one of each family, as kubelet lists them; with the prefix length where Calico has written it down. */
  readonly addresses: readonly { readonly ip: IpAddr; readonly bits: number | undefined }[];
  readonly podCIDRs: readonly Prefix[];
  readonly document: SourceDocument;
};

export type ManifestFacts = {
  readonly nodes: readonly NodeFacts[];
  /** Node names that Pods mention, in the order of the input. */
  readonly nodeNames: readonly string[];
  /** Whether anything in the input runs in Pods. */
  readonly hasPods: boolean;
  /** Of Calico's IPPool objects that Pods get addresses from. */
  readonly pools: readonly Prefix[];
  /** Where the addresses of Pods lie that have not ended. */
  readonly podNetworks: readonly Seen[];
  /** Of ServiceCIDR objects. */
  readonly serviceCIDRs: readonly Prefix[];
  /** Likewise of Services. */
  readonly serviceNetworks: readonly Seen[];
  /** Addresses of nodes as their Pods tell them (status.hostIPs). */
  readonly hostIps: ReadonlyMap<string, readonly IpAddr[]>;
  /** The ConfigMap kube-proxy; its fields are checked where manifests are read. */
  readonly proxy: Partial<ProxySettings>;
  readonly cluster: Partial<Pick<ClusterSettings, 'podCIDRs' | 'serviceCIDRs' | 'clusterDomain' | 'kubernetesVersion'>>;
  /** kubeadm's own ConfigMap is in the input. */
  readonly kubeadm?: boolean;
  /** The plugin whose configuration is in the input. */
  readonly plugin?: 'flannel' | 'calico' | 'canal';
  /** Of flannel's net-conf.json; undefined where there is none, or of a backend that is not known. */
  readonly flannelBackend?: FlannelBackend;
};

function field(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (!isPlainObject(at)) return undefined;
    at = ownField(at, name);
  }
  return at;
}

function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

const POD_MAKERS: ReadonlySet<string> = new Set(['Pod', ...WORKLOAD_KINDS]);

export function readManifestFacts(documents: readonly SourceDocument[]): ManifestFacts {
  const nodes: NodeFacts[] = [];
  const nodeNames = new Set<string>();
  const pools: Prefix[] = [];
  const serviceCIDRs: Prefix[] = [];
  const podNetworks = new Networks({ 4: 24, 6: 64 });
  const serviceNetworks = new Networks({ 4: 24, 6: 112 });
  const hostIps = new Map<string, readonly IpAddr[]>();
  let kubeadm = false;
  let hasPods = false;
  let proxy: Partial<ProxySettings> = {};
  let cluster: ManifestFacts['cluster'] = {};
  let plugin: ManifestFacts['plugin'];
  let flannelBackend: FlannelBackend | undefined;
  let flannelNetwork: readonly Prefix[] | undefined;
  for (const document of documents) {
    const { value } = document;
    if (!isPlainObject(value)) continue;
    const kind = ownField(value, 'kind');
    if (typeof kind === 'string' && POD_MAKERS.has(kind)) hasPods = true;
    if (kind === 'Pod') {
      const node = text(value, 'spec', 'nodeName');
      if (node !== undefined && node !== '') {
        nodeNames.add(node);
        if (!hostIps.has(node)) hostIps.set(node, addressesIn(value, 'hostIPs', 'hostIP'));
      }
      podNetworks.add(podAddresses(value));
    } else if (kind === 'Node') {
      const node = readNode(value, document);
      if (node !== undefined) nodes.push(node);
    } else if (kind === 'Service') {
      serviceNetworks.add(serviceAddresses(value));
    } else if (kind === 'ServiceCIDR') {
      serviceCIDRs.push(...prefixes(field(value, 'spec', 'cidrs')));
    } else if (kind === 'IPPool') {
      plugin ??= 'calico';
      if (field(value, 'spec', 'disabled') !== true) pools.push(...(cidrs(text(value, 'spec', 'cidr')) ?? []));
    } else if (kind === 'ConfigMap') {
      const name = text(value, 'metadata', 'name') ?? '';
      if (name === 'kube-proxy') proxy = { ...proxy, ...readProxyConfig(value) };
      if (name === 'kubeadm-config') {
        kubeadm = true;
        cluster = { ...cluster, ...readKubeadmConfig(value) };
      }
      if (name === 'calico-config') plugin = 'calico';
      if (name === 'kube-flannel-cfg') plugin ??= 'flannel';
      if (name === 'canal-config') plugin ??= 'canal';
      const network = readFlannelConfig(value);
      flannelBackend ??= network.backend;
      flannelNetwork ??= network.podCIDRs;
    }
  }
  return {
    ...{ nodes, nodeNames: [...nodeNames], hasPods, pools, podNetworks: podNetworks.all(), proxy },
    ...{ serviceCIDRs, serviceNetworks: serviceNetworks.all(), hostIps },
    cluster: { ...(flannelNetwork === undefined ? {} : { podCIDRs: flannelNetwork }), ...cluster },
    ...(kubeadm ? { kubeadm } : {}),
    ...(plugin === undefined ? {} : { plugin }),
    ...(flannelBackend === undefined ? {} : { flannelBackend }),
  };
}

function readNode(value: PlainObject, document: SourceDocument): NodeFacts | undefined {
  const name = text(value, 'metadata', 'name');
  if (name === undefined) return undefined;
  const labels = field(value, 'metadata', 'labels');
  const role = (suffix: string): boolean =>
    isPlainObject(labels) && Object.hasOwn(labels, `node-role.kubernetes.io/${suffix}`);
  const annotation = (key: string): string | undefined =>
    text(value, 'metadata', 'annotations', `projectcalico.org/${key}`);
  const [tunnelAddress, secondTunnelAddress] = [
    annotation('IPv4IPIPTunnelAddr') ?? annotation('IPv4VXLANTunnelAddr'),
    annotation('IPv6VXLANTunnelAddr'),
  ].flatMap((ip) => parseIp(ip ?? '') ?? []);
  const ranges = field(value, 'spec', 'podCIDRs');
  const podCIDRs = Array.isArray(ranges) ? ranges : [text(value, 'spec', 'podCIDR')];
  return {
    name,
    controlPlane: role('control-plane') || role('master'),
    document,
    addresses: nodeAddresses(
      internalIps(value),
      [annotation('IPv4Address'), annotation('IPv6Address')].flatMap((each) => PREFIX.parse(each) ?? []),
    ),
    podCIDRs: podCIDRs.flatMap((range: unknown) => PREFIX.parse(range) ?? []).map(network),
    ...defined({
      tunnelAddress,
      secondTunnelAddress,
      routeReflectorClusterId: annotation('RouteReflectorClusterID'),
      asNumber: /^\d{1,10}$/.test(annotation('ASNumber') ?? '') ? Number(annotation('ASNumber')) : undefined,
    }),
  };
}

/** The first of each family; what Calico has found on the card wins over what kubelet says. */
function nodeAddresses(internal: readonly IpAddr[], calico: readonly Prefix[]): NodeFacts['addresses'] {
  const found = [...internal, ...calico.map(({ addr }) => addr)];
  return familiesOf(found.map(hostPrefix)).flatMap((family) => {
    const own = calico.find(({ addr }) => familyOf(addr) === family);
    const ip = own?.addr ?? found.find((each) => familyOf(each) === family);
    return ip === undefined ? [] : [{ ip, bits: own?.bits }];
  });
}

function internalIps(value: PlainObject): readonly IpAddr[] {
  const addresses = field(value, 'status', 'addresses');
  if (!Array.isArray(addresses)) return [];
  return addresses.flatMap((item: unknown) =>
    text(item, 'type') === 'InternalIP' ? (parseIp(text(item, 'address') ?? '') ?? []) : [],
  );
}

/** None of Pods in their node's network, and none of those that have given theirs back. */
function podAddresses(value: PlainObject): readonly IpAddr[] {
  const phase = text(value, 'status', 'phase');
  if (field(value, 'spec', 'hostNetwork') === true || phase === 'Succeeded' || phase === 'Failed') return [];
  return addressesIn(value, 'podIPs', 'podIP');
}

/** Of a Pod's status: the list, or the one address where there is no list. */
function addressesIn(pod: PlainObject, list: string, one: string): readonly IpAddr[] {
  const items = field(pod, 'status', list);
  const found = Array.isArray(items) ? items.map((item: unknown) => text(item, 'ip')) : [text(pod, 'status', one)];
  return found.flatMap((ip) => parseIp(ip ?? '') ?? []);
}

/** None of headless Services, and none of those whose address is still to be given out. */
function serviceAddresses(value: PlainObject): readonly IpAddr[] {
  const list = field(value, 'spec', 'clusterIPs');
  const found = Array.isArray(list) ? list : [text(value, 'spec', 'clusterIP')];
  return found.flatMap((ip: unknown) => (typeof ip === 'string' ? (parseIp(ip) ?? []) : []));
}

function prefixes(list: unknown): readonly Prefix[] {
  return Array.isArray(list) ? list.flatMap((range: unknown) => PREFIX.parse(range) ?? []).map(network) : [];
}

/** The document inside a ConfigMap's entry. */
function embedded(value: PlainObject, ...keys: readonly string[]): unknown {
  for (const key of keys) {
    const content = text(value, 'data', key);
    if (content === undefined) continue;
    const [first] = readYaml({ file: key, text: content }).documents;
    if (first !== undefined) return first.value;
  }
  return undefined;
}

function cidrs(list: string | undefined): readonly Prefix[] | undefined {
  const found = (list ?? '').split(',').flatMap((part) => PREFIX.parse(part.trim()) ?? []);
  return found.length === 0 ? undefined : found.map(network);
}

function oneWord<const W extends string>(value: string | undefined, ...words: readonly W[]): W | undefined {
  return words.find((word) => word === value);
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1); empty strings mean the default. */
function readProxyConfig(value: PlainObject): Partial<ProxySettings> {
  const config = embedded(value, 'config.conf', 'config.yaml');
  const ranges = field(config, 'nodePortAddresses');
  const scheduler = text(config, 'ipvs', 'scheduler');
  return defined({
    mode: oneWord(text(config, 'mode'), 'iptables', 'ipvs', 'nftables'),
    clusterCIDRs: cidrs(text(config, 'clusterCIDR')),
    detectLocalMode: oneWord(
      text(config, 'detectLocalMode'),
      'ClusterCIDR',
      'NodeCIDR',
      'BridgeInterface',
      'InterfaceNamePrefix',
    ),
    bridgeInterface: text(config, 'detectLocal', 'bridgeInterface') || undefined,
    interfaceNamePrefix: text(config, 'detectLocal', 'interfaceNamePrefix') || undefined,
    masqueradeAll: flag(field(config, 'iptables', 'masqueradeAll')),
    localhostNodePorts: flag(field(config, 'iptables', 'localhostNodePorts')),
    nodePortPrimary: isPrimary(ranges) ? true : undefined,
    nodePortAddresses: Array.isArray(ranges)
      ? ranges.flatMap((range: unknown) => PREFIX.parse(range) ?? []).map(network)
      : undefined,
    ipvs:
      field(config, 'ipvs') === undefined
        ? undefined
        : {
            scheduler: scheduler === undefined || scheduler === '' ? 'rr' : scheduler,
            strictARP: flag(field(config, 'ipvs', 'strictARP')) ?? false,
          },
  });
}

/** net-conf.json of the ConfigMap that flanneld reads (kube-flannel-cfg, canal-config). */
function readFlannelConfig(value: PlainObject): {
  readonly backend: FlannelBackend | undefined;
  readonly podCIDRs: readonly Prefix[] | undefined;
} {
  if (text(value, 'data', 'net-conf.json') === undefined) return { backend: undefined, podCIDRs: undefined };
  const config = embedded(value, 'net-conf.json');
  const networks = [text(config, 'Network'), text(config, 'IPv6Network')].flatMap((range) => cidrs(range) ?? []);
  return {
    backend: oneWord(text(config, 'Backend', 'Type')?.toLowerCase(), 'vxlan', 'host-gw', 'ipip', 'udp'),
    podCIDRs: networks.length === 0 ? undefined : networks,
  };
}

/** ClusterConfiguration (kubeadm.k8s.io). */
function readKubeadmConfig(value: PlainObject): ManifestFacts['cluster'] {
  const config = embedded(value, 'ClusterConfiguration');
  const version = /^v?(\d{1,3}\.\d{1,3})/.exec(text(config, 'kubernetesVersion') ?? '')?.[1];
  return defined({
    podCIDRs: cidrs(text(config, 'networking', 'podSubnet')),
    serviceCIDRs: cidrs(text(config, 'networking', 'serviceSubnet')),
    clusterDomain: text(config, 'networking', 'dnsDomain') || undefined,
    kubernetesVersion: version,
  });
}
