/** What the API leaves to the plugin, and what the plugin of a cluster makes of it. */
import type { ClusterSettings } from '../cluster/settings.ts';

/** Today one plugin enforces policies; the questions stand here so that the next one has its place. */
export type PolicyProfile = {
  readonly plugin: ClusterSettings['cni']['plugin'];
  /** false: the plugin does nothing about policies, and everything is allowed. */
  readonly enforces: boolean;
  /** Addresses in ranges (ipBlock, networks, nets) are those of Pods as well. */
  readonly blocksMeanPods: boolean;
};

export function profileOf({ cni }: ClusterSettings): PolicyProfile {
  switch (cni.plugin) {
    case 'calico':
    // Canal's policies are Felix's.
    case 'canal':
      return { plugin: cni.plugin, enforces: true, blocksMeanPods: true };
    case 'flannel':
    case 'bridge':
    case 'none':
      return { plugin: cni.plugin, enforces: false, blocksMeanPods: true };
  }
}
