/** The bridge plugin alone: Pods of a node on one bridge, and nothing that joins the nodes. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { CniSettings } from '../../../cluster/settings.ts';
import type { CniCompiler, Note } from '../../parts.ts';
import { forwardingSysctls } from './forwarding-sysctls.ts';
import { ipMasq } from './ip-masq.ts';
import { type BridgeOptions, bridgeDevices, bridgePod } from './wiring.ts';

export const bridge: CniCompiler = {
  name: 'bridge',
  forCluster(cluster, origins) {
    const { name, masquerades, hairpinMode } = settingsOf(cluster.settings.cni);
    const options: BridgeOptions = { bridge: name, mtu: 1500, hairpinMode, podRoutes: [] };
    return {
      node: (node) => ({
        devices: bridgeDevices(cluster, node, options, origins),
        sysctls: { ...forwardingSysctls(cluster, node, name), ...localnetRouting(cluster, node, name) },
        ...(masquerades
          ? { iptables: ipMasq(cluster, node, 4, origins), ip6tables: ipMasq(cluster, node, 6, origins) }
          : {}),
      }),
      pod: (pod) => bridgePod(cluster, pod, options),
      enforcesPolicies: false,
      notes: notes(cluster),
    };
  },
};

function settingsOf(cni: CniSettings): {
  readonly name: string;
  readonly masquerades: boolean;
  readonly hairpinMode: boolean;
} {
  if (cni.plugin !== 'bridge') return { name: 'cni0', masquerades: false, hairpinMode: false };
  return { name: cni.bridge.name, masquerades: cni.bridge.ipMasq, hairpinMode: cni.bridge.hairpinMode };
}

/** portmap lets 127.0.0.1 reach a hostPort: packets with that source leave by the device towards the Pod. A Pod on the host's network has no part in it. */
export function localnetRouting(cluster: Cluster, node: string, device: string): Readonly<Record<string, string>> {
  const wanted = cluster
    .podsOnNode(node)
    .some(({ hostNetwork, ports }) => !hostNetwork && ports.some(({ hostPort }) => hostPort !== undefined));
  return wanted ? { [`net.ipv4.conf.${device.replaceAll('.', '/')}.route_localnet`]: '1' } : {};
}

function notes(cluster: Cluster): readonly Note[] {
  if (cluster.settings.nodes.length < 2) return [];
  return [
    {
      code: 'CNI_BRIDGE_SINGLE_NODE',
      message:
        'the bridge plugin makes no routes between nodes: a Pod reaches Pods of other nodes only if the network around the nodes routes their subnets',
    },
  ];
}
