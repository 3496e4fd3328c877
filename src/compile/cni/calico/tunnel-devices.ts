/** tunl0 and vxlan.calico of a node, with what they need to find the other nodes. */

import { encapsulations } from '../../../cluster/calico-pools.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { FdbEntry } from '../../../kernel/link/device.ts';
import type { DeviceSpec } from '../../../kernel/netns-spec.ts';
import type { StaticNeighbour } from '../../../kernel/route/route.ts';
import { hostPrefix } from '../../../net/prefix.ts';
import { type CalicoContext, OVERHEAD } from './context.ts';
import { vtepMac } from './names.ts';
import { TUNL0, vxlanDevice } from './node-routes.ts';

/** felix/config: VXLANVNI and VXLANPort. */
const VXLAN_VNI = 4096;
export const VXLAN_PORT = 4789;

export function tunnelDevices(context: CalicoContext, node: NodeSettings): readonly DeviceSpec[] {
  const { ipip, vxlan } = encapsulations(context.pools);
  const ip = context.blocks.tunnelAddress(node);
  const addresses = ip === undefined ? [] : [{ ip, bits: hostPrefix(ip).bits, scope: 'global' as const }];
  const origin = context.origins.plumbing();
  const devices: DeviceSpec[] = [];
  if (ipip) devices.push({ name: TUNL0, kind: 'ipip', mtu: node.mtu - OVERHEAD.ipip, addresses, origin });
  if (vxlan) {
    devices.push({
      name: vxlanDevice(context.family),
      kind: 'vxlan',
      vni: VXLAN_VNI,
      udpPort: VXLAN_PORT,
      local: node.address.addr,
      parent: node.interface,
      learning: false,
      mac: vtepMac(node.name, context.family),
      mtu: node.mtu - (context.family === 4 ? OVERHEAD.vxlan : OVERHEAD.vxlan6),
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
  const { family, nodes } = context;
  const device = vxlanDevice(family);
  const others = nodes.filter(({ name }) => name !== node.name);
  return {
    neighbours: others.flatMap((other) => {
      const ip = context.blocks.tunnelAddress(other);
      return ip === undefined ? [] : [{ device, ip, mac: vtepMac(other.name, family) }];
    }),
    fdb: others.map(({ name, address }) => ({ device, mac: vtepMac(name, family), remote: address.addr })),
  };
}
