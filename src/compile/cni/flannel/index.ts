/** flannel: the bridge plugin on every node, and a backend between the nodes. */
import { lazy } from '../../../lib/lazy.ts';
import type { CniCompiler, Parts } from '../../parts.ts';
import { forwardingSysctls } from '../bridge/forwarding-sysctls.ts';
import { localnetRouting } from '../bridge/index.ts';
import { type BridgeOptions, bridgeDevices, bridgePod } from '../bridge/wiring.ts';
import { overlay } from './overlay.ts';

export const flannel: CniCompiler = {
  name: 'flannel',
  forCluster(cluster, origins) {
    const between = overlay(cluster, origins);
    const nodes = lazy(() => new Map(cluster.settings.nodes.map((node) => [node.name, node])));
    const optionsOn = (name: string): BridgeOptions => {
      const node = nodes().get(name);
      const mtu = node === undefined ? 1500 : between.podMtu(node);
      return { bridge: 'cni0', mtu, hairpinMode: true, podRoutes: between.pods };
    };
    return {
      node(name): Parts {
        const { devices = [], ...rest } = between.node(name);
        return {
          ...rest,
          devices: [...devices, ...bridgeDevices(cluster, name, optionsOn(name), origins)],
          sysctls: { ...forwardingSysctls(cluster, name, 'cni0'), ...localnetRouting(cluster, name, 'cni0') },
        };
      },
      pod: (pod) => bridgePod(cluster, pod, optionsOn(pod.node ?? '')),
      enforcesPolicies: false,
      notes: between.notes,
    };
  },
};
