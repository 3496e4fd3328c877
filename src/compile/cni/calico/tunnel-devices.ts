/** tunl0 and vxlan.calico of a node, with what they need to find the other nodes. */
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { FdbEntry } from '../../../kernel/link/device.ts';
import type { DeviceSpec } from '../../../kernel/netns-spec.ts';
import type { StaticNeighbour } from '../../../kernel/route/route.ts';
import { isIp4 } from '../../../net/address.ts';
import { type CalicoContext, OVERHEAD } from './context.ts';
import { vtepMac } from './names.ts';
import { TUNL0, VXLAN_CALICO } from './node-routes.ts';
import { encapsulations } from './pools.ts';

/** felix/config: VXLANVNI and VXLANPort. */
const VXLAN_VNI = 4096;
export const VXLAN_PORT = 4789;

export function tunnelDevices(context: CalicoContext, node: NodeSettings): readonly DeviceSpec[] {
  const { ipip, vxlan } = encapsulations(context.pools);
  const ip = context.blocks.tunnelAddress(node);
  const addresses = ip === undefined ? [] : [{ ip, bits: 32, scope: 'global' as const }];
  const origin = context.origins.plumbing();
  const devices: DeviceSpec[] = [];
  if (ipip) devices.push({ name: TUNL0, kind: 'ipip', mtu: node.mtu - OVERHEAD.ipip, addresses, origin });
  if (vxlan) {
    devices.push({
      name: VXLAN_CALICO,
      kind: 'vxlan',
      vni: VXLAN_VNI,
      udpPort: VXLAN_PORT,
      local: node.address.addr,
      parent: node.interface,
      learning: false,
      mac: vtepMac(node.name),
      mtu: node.mtu - OVERHEAD.vxlan,
      addresses,
      origin,
    });
  }
  return devices;
}

/** Felix tells the kernel every other VTEP: nothing is learnt (felix/dataplane/linux/vxlan_mgr.go). */
export function vtepEntries(
  context: CalicoContext,
  node: NodeSettings,
): { readonly neighbours: readonly StaticNeighbour[]; readonly fdb: readonly FdbEntry[] } {
  if (!encapsulations(context.pools).vxlan) return { neighbours: [], fdb: [] };
  const others = context.cluster.settings.nodes.filter(
    ({ name, address }) => name !== node.name && isIp4(address.addr),
  );
  return {
    neighbours: others.flatMap((other) => {
      const ip = context.blocks.tunnelAddress(other);
      return ip === undefined ? [] : [{ device: VXLAN_CALICO, ip, mac: vtepMac(other.name) }];
    }),
    fdb: others.map(({ name, address }) => ({ device: VXLAN_CALICO, mac: vtepMac(name), remote: address.addr })),
  };
}
