/** What the runtime and the network configuration tell CNI plugins about a Pod. */
import { hash } from 'node:crypto';
import type { Cluster } from '../../cluster/cluster.ts';
import { nodePodRanges } from '../../cluster/node-networks.ts';
import type { Pod } from '../../cluster/objects.ts';
import type { CniSettings, NodeSettings } from '../../cluster/settings.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { hostPrefix, type Prefix } from '../../net/prefix.ts';

/** The `name` of the network configuration, as the projects' own manifests write it. It is hashed into chain names. */
export function networkName(plugin: CniSettings['plugin']): string {
  switch (plugin) {
    case 'calico':
    case 'canal':
      return 'k8s-pod-network';
    case 'flannel':
      return 'cbr0';
    case 'bridge':
      return 'bridge';
    case 'none':
      return 'none';
  }
}

/** Stands in for the id of the Pod's sandbox container, which is random on a real machine: 64 hex digits. */
export function sandboxId({ namespace, name }: Pod): string {
  return hash('sha256', `${namespace}/${name}`, 'hex');
}

/** FormatChainName of the CNI plugins (pkg/utils): `CNI-`, a prefix, and SHA-512, 28 characters in all. */
export function cniChainName(network: string, containerId: string, prefix = ''): string {
  return `CNI-${prefix}${hash('sha512', network + containerId, 'hex')}`.slice(0, 28);
}

/** The subnet that host-local gives addresses of on this node: the Cluster document's, else the Node object's. */
export function nodeSubnet(cluster: Cluster, node: string, family: Family): Prefix | undefined {
  const settings = settingsByNode(cluster).get(node);
  const candidates = [
    ...(settings?.podCIDR === undefined ? [] : [settings.podCIDR]),
    ...(settings === undefined ? [] : nodePodRanges(settings)),
    ...(cluster.node(node)?.podCIDRs ?? []),
  ];
  return candidates.find(({ addr }) => familyOf(addr) === family);
}

const indexes = new WeakMap<Cluster, ReadonlyMap<string, NodeSettings>>();

/** Every node asks for the subnets of all others: a search each time would be quadratic. */
function settingsByNode(cluster: Cluster): ReadonlyMap<string, NodeSettings> {
  const known = indexes.get(cluster);
  if (known !== undefined) return known;
  const index = new Map(cluster.settings.nodes.map((node) => [node.name, node]));
  indexes.set(cluster, index);
  return index;
}

/** The Pod's address with the prefix length that the plugin gives it: Calico's are all /32. */
export function podAddress(cluster: Cluster, pod: Pod, family: Family): Prefix | undefined {
  const ip = pod.ips.find((address) => familyOf(address) === family);
  if (ip === undefined) return undefined;
  const { plugin } = cluster.settings.cni;
  const subnet = plugin === 'bridge' || plugin === 'flannel' ? nodeSubnet(cluster, pod.node ?? '', family) : undefined;
  return subnet === undefined ? hostPrefix(ip) : { addr: ip, bits: subnet.bits };
}
