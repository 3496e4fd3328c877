/** How a node reaches the Pods of the others (pkg/backend of flannel). IPv4 only. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { deriveMac, type Mac } from '../../../net/mac.ts';
import { contains, network, type Prefix } from '../../../net/prefix.ts';
import type { Parts } from '../../parts.ts';
import { routeVia } from '../bridge/wiring.ts';
import { nodeSubnet } from '../network.ts';

/** VNI 1 on the kernel's own default port (drivers/net/vxlan: 8472). */
const VNI = 1;
const PORT = 8472;
const DEVICE = `flannel.${VNI}`;
/** IP, UDP, VXLAN and the inner Ethernet header. */
const VXLAN_OVERHEAD = 50;

export type Lease = { readonly node: NodeSettings; readonly subnet: Prefix };

/** Nodes that hold a subnet, in order. */
export function leases(cluster: Cluster): readonly Lease[] {
  return cluster.settings.nodes.flatMap((node) => {
    const subnet = nodeSubnet(cluster, node.name, 4);
    return subnet === undefined ? [] : [{ node, subnet: network(subnet) }];
  });
}

export type Backend = {
  readonly podMtu: (node: NodeSettings) => number;
  readonly node: (own: Lease, others: readonly Lease[], origin: OriginId) => Parts;
};

/**
 * A tunnel: each peer's subnet has its base address as gateway, "on link" behind flannel.1. Neighbour and forwarding
 * entries are permanent, so that nothing is ever asked for over the tunnel.
 */
export const vxlan: Backend = {
  podMtu: ({ mtu }) => mtu - VXLAN_OVERHEAD,
  node: ({ node, subnet }, others, origin) => ({
    devices: [
      {
        kind: 'vxlan',
        name: DEVICE,
        vni: VNI,
        udpPort: PORT,
        local: node.address.addr,
        parent: node.interface,
        learning: false,
        mac: vtepMac(node),
        mtu: node.mtu - VXLAN_OVERHEAD,
        addresses: [{ ip: subnet.addr, bits: 32, scope: 'global' }],
        origin,
      },
    ],
    routes: others.map((other) => ({ ...routeVia(other.subnet, other.subnet.addr, DEVICE, true), origin })),
    neighbours: others.map((other) => ({ device: DEVICE, ip: other.subnet.addr, mac: vtepMac(other.node) })),
    fdb: others.map((other) => ({ device: DEVICE, mac: vtepMac(other.node), remote: other.node.address.addr })),
  }),
};

/** Plain routes: every node has to be on the same link, a gateway elsewhere is refused by the kernel. */
export const hostGateway: Backend = {
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
function vtepMac({ name }: NodeSettings): Mac {
  return deriveMac(`${name} ${DEVICE}`);
}
