/** How a node reaches the Pods of the others (pkg/backend of flannel), for each family by itself. */
import type { Cluster } from '../../../cluster/cluster.ts';
import { nodeOfFamily } from '../../../cluster/node-networks.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Family, familyOf } from '../../../net/address.ts';
import { deriveMac, type Mac } from '../../../net/mac.ts';
import { contains, hostPrefix, network, type Prefix } from '../../../net/prefix.ts';
import type { Parts } from '../../parts.ts';
import { routeVia } from '../bridge/wiring.ts';
import { nodeSubnet } from '../network.ts';

/** VNI 1 on the kernel's own default port (drivers/net/vxlan: 8472). */
const VNI = 1;
const PORT = 8472;
const DEVICES: Readonly<Record<Family, string>> = { 4: `flannel.${VNI}`, 6: `flannel-v6.${VNI}` };
/** IP, UDP, VXLAN and the inner Ethernet header. The kernel sets the IPv6 device's MTU by itself (VXLAN6_HEADROOM). */
const VXLAN_OVERHEAD: Readonly<Record<Family, number>> = { 4: 50, 6: 70 };

export type Lease = { readonly node: NodeSettings; readonly subnet: Prefix };

/** Nodes that hold a subnet of the family, in order, as the family sees them. */
export function leases(cluster: Cluster, family: Family): readonly Lease[] {
  return cluster.settings.nodes.flatMap((each) => {
    const node = nodeOfFamily(each, family);
    const subnet = nodeSubnet(cluster, each.name, family);
    return node === undefined || subnet === undefined ? [] : [{ node, subnet: network(subnet) }];
  });
}

export type Backend = {
  readonly families: readonly Family[];
  readonly podMtu: (node: NodeSettings) => number;
  /** @param pods the whole network's range */
  readonly node: (own: Lease, others: readonly Lease[], origin: OriginId, pods: Prefix) => Parts;
};

/**
 * A tunnel: each peer's subnet has its base address as gateway, "on link" behind flannel.1 (IPv6: flannel-v6.1). Neighbour and forwarding
 * entries are permanent, so that nothing is ever asked for over the tunnel.
 */
export const vxlan: Backend = {
  families: [4, 6],
  // flanneld writes this one number for Pods of both families (FLANNEL_MTU).
  podMtu: ({ mtu }) => mtu - VXLAN_OVERHEAD[4],
  node: ({ node, subnet }, others, origin) => {
    const family = familyOf(subnet.addr);
    const device = DEVICES[family];
    const macOf = ({ name }: NodeSettings): Mac => vtepMac(name, device);
    return {
      devices: [
        {
          kind: 'vxlan',
          name: device,
          vni: VNI,
          udpPort: PORT,
          local: node.address.addr,
          parent: node.interface,
          learning: false,
          mac: macOf(node),
          mtu: node.mtu - VXLAN_OVERHEAD[family],
          addresses: [{ ip: subnet.addr, bits: hostPrefix(subnet.addr).bits, scope: 'global' }],
          origin,
        },
      ],
      routes: others.map((other) => ({ ...routeVia(other.subnet, other.subnet.addr, device, true), origin })),
      neighbours: others.map((other) => ({ device, ip: other.subnet.addr, mac: macOf(other.node) })),
      fdb: others.map((other) => ({ device, mac: macOf(other.node), remote: other.node.address.addr })),
    };
  },
};

/** Plain routes: every node has to be on the same link, a gateway elsewhere is refused by the kernel. */
export const hostGateway: Backend = {
  families: [4, 6],
  podMtu: ({ mtu }) => mtu,
  node: ({ node }, others, origin) => ({
    routes: others
      .filter(({ node: other }) => onLink(node, other))
      .map((other) => ({ ...routeVia(other.subnet, other.node.address.addr, node.interface), origin })),
  }),
};

/** Whether the other node's address is in this one's subnet. */
export function onLink(node: NodeSettings, other: NodeSettings): boolean {
  return node.segment === other.segment && contains(network(node.address), other.address.addr);
}

/** Random on a real machine. */
function vtepMac(node: string, device: string): Mac {
  return deriveMac(`${node} ${device}`);
}
