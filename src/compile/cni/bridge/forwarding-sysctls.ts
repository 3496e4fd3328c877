/** What the bridge plugin sets so that a node forwards for its Pods (plugins/main/bridge: enableIPForward(), ensureBridge()). */
import type { Cluster } from '../../../cluster/cluster.ts';
import { nodeSubnet } from '../network.ts';
import { hasOwnNamespace } from './wiring.ts';

/** IPv6's only where the node has a range of that family. */
export function forwardingSysctls(cluster: Cluster, node: string, bridge: string): Readonly<Record<string, string>> {
  const version4 = { 'net.ipv4.ip_forward': '1' };
  if (nodeSubnet(cluster, node, 6) === undefined) return version4;
  return {
    ...version4,
    'net.ipv6.conf.all.forwarding': '1',
    // The plugin owns the routes of the bridge, which it makes for the first Pod: no router may announce others.
    ...(cluster.podsOnNode(node).some(hasOwnNamespace)
      ? { [`net.ipv6.conf.${bridge.replaceAll('.', '/')}.accept_ra`]: '0' }
      : {}),
  };
}
