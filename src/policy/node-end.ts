/** A node, or a Pod on its network, as the policies of Pods see it. */
import type { Cluster } from '../cluster/cluster.ts';
import { nodeAddress, nodeAddresses, nodeTunnelAddresses } from '../cluster/node-networks.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { End } from './end.ts';

/** The node that holds the address: on its card, or as the end of a tunnel. */
export function nodeOfAddress(cluster: Cluster, ip: IpAddr): NodeSettings | undefined {
  return cluster.settings.nodes.find(
    (node) => nodeAddresses(node).some(({ addr }) => addr === ip) || nodeTunnelAddresses(node).includes(ip),
  );
}

/**
 * The node as the other end meets it. Towards Pods of other nodes a node sends with the address of the tunnel that leads
 * there; everywhere else it is the address of its card.
 * @param ip the node's address of the other end's family
 */
export function nodeEnd(
  cluster: Cluster,
  node: NodeSettings,
  ip: IpAddr,
  other: End,
  role: 'source' | 'destination',
): End {
  const own: End = { ip, node: node.name };
  if (role === 'destination' || other.pod === undefined || other.node === node.name) return own;
  const tunnel = nodeTunnelAddresses(node).find((address) => familyOf(address) === familyOf(ip));
  return tunnel !== undefined && isTunnelled(cluster, node, other.node, familyOf(ip)) ? { ...own, ip: tunnel } : own;
}

function isTunnelled(cluster: Cluster, node: NodeSettings, other: string | undefined, family: Family): boolean {
  const { cni, nodes } = cluster.settings;
  if (cni.plugin !== 'calico') return false;
  switch (cni.calico.encapsulation) {
    case 'none':
      return false;
    case 'ipip':
    case 'vxlan':
      return true;
    case 'ipip-cross-subnet':
    case 'vxlan-cross-subnet': {
      const peer = nodes.find(({ name }) => name === other);
      const there = peer === undefined ? undefined : nodeAddress(peer, family);
      return there !== undefined && !nodeAddresses(node).some((address) => contains(address, there.addr));
    }
  }
}
