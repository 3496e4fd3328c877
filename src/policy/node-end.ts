/** A node, or a Pod on its network, as the policies of Pods see it. */
import type { Cluster } from '../cluster/cluster.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import { familyOf, type IpAddr } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { End } from './end.ts';

/** The node that holds the address: on its card, or as the end of a tunnel. */
export function nodeOfAddress(cluster: Cluster, ip: IpAddr): NodeSettings | undefined {
  return cluster.settings.nodes.find(({ address, tunnelAddress }) => address.addr === ip || tunnelAddress === ip);
}

/**
 * The node as the other end meets it. Towards Pods of other nodes a node sends with the address of the tunnel that leads
 * there; everywhere else it is the address of its card.
 */
export function nodeEnd(cluster: Cluster, node: NodeSettings, other: End, role: 'source' | 'destination'): End {
  const { name, address, tunnelAddress } = node;
  const own: End = { ip: address.addr, node: name };
  if (role === 'destination' || other.pod === undefined || other.node === name) return own;
  if (tunnelAddress === undefined || familyOf(tunnelAddress) !== familyOf(other.ip)) return own;
  return isTunnelled(cluster, node, other.node) ? { ...own, ip: tunnelAddress } : own;
}

function isTunnelled(cluster: Cluster, node: NodeSettings, other: string | undefined): boolean {
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
      return peer !== undefined && !contains(node.address, peer.address.addr);
    }
  }
}
