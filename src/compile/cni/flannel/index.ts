/** flannel is known by name only so far. */
import type { CniCompiler } from '../../parts.ts';
import { bridgePod } from '../bridge/wiring.ts';

export const flannel: CniCompiler = {
  name: 'flannel',
  forCluster: (cluster) => ({
    node: () => ({}),
    pod: (pod) =>
      bridgePod(cluster, pod, { bridge: 'cni0', mtu: 1450, hairpinMode: true, podRoutes: cluster.settings.podCIDRs }),
    enforcesPolicies: false,
    notes: [
      { code: 'MODEL_UNSUPPORTED', message: 'flannel is not modelled yet: nodes have no devices and routes for Pods' },
    ],
  }),
};
