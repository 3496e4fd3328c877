/** A node, or a Pod on its network, as the policies of Pods see it. */
import { type EncapsulationMode, ipPools, poolOf } from '../cluster/calico-pools.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { nodeAddress, nodeAddresses, nodeTunnelAddresses } from '../cluster/node-networks.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import { familyOf, type IpAddr } from '../net/address.ts';
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
  const there = cluster.settings.nodes.find(({ name }) => name === other.node);
  return tunnel !== undefined && tunnelTowards(cluster, node, there, other.ip) !== undefined
    ? { ...own, ip: tunnel }
    : own;
}

/** The tunnel between two nodes in which packets to an address of the Pod network go; of an unknown node that of any. */
export function tunnelTowards(
  cluster: Cluster,
  node: NodeSettings,
  there: NodeSettings | undefined,
  ip: IpAddr,
): 'ipip' | 'vxlan' | undefined {
  if (cluster.settings.cni.plugin !== 'calico') return undefined;
  const pool = poolOf(ipPools(cluster), ip);
  if (pool === undefined) return undefined;
  const address = there === undefined ? undefined : nodeAddress(there, familyOf(ip))?.addr;
  const isFar = address !== undefined && !nodeAddresses(node).some((own) => contains(own, address));
  const applies = (mode: EncapsulationMode): boolean => mode === 'Always' || (mode === 'CrossSubnet' && isFar);
  if (applies(pool.vxlan)) return 'vxlan';
  return applies(pool.ipip) ? 'ipip' : undefined;
}
