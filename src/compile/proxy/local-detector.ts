/** How kube-proxy tells traffic of this node's (or the cluster's) Pods from other traffic (pkg/proxy/util/localdetector.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import { nodePodRanges } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { network, type Prefix, printPrefix } from '../../net/prefix.ts';

/** Words of an iptables match. `undefined` as a whole: no such detector, and no rule that needs one. */
export type LocalDetector = { readonly ifLocal: readonly string[]; readonly ifNotLocal: readonly string[] };

export function localDetector(
  cluster: Cluster,
  node: NodeSettings | undefined,
  family: Family,
): LocalDetector | undefined {
  const { proxy } = cluster.settings;
  const bySource = (cidr: Prefix | undefined) =>
    cidr === undefined ? undefined : words('-s', printPrefix(network(cidr)));
  switch (proxy.detectLocalMode) {
    case 'ClusterCIDR':
      return bySource(proxy.clusterCIDRs.find(({ addr }) => familyOf(addr) === family));
    case 'NodeCIDR':
      return bySource(nodeCidr(cluster, node, family));
    case 'BridgeInterface':
      return proxy.bridgeInterface === undefined ? undefined : words('-i', proxy.bridgeInterface);
    case 'InterfaceNamePrefix':
      return proxy.interfaceNamePrefix === undefined ? undefined : words('-i', `${proxy.interfaceNamePrefix}+`);
    case 'none':
      return undefined;
  }
}

function words(option: string, value: string): LocalDetector {
  return { ifLocal: [option, value], ifNotLocal: ['!', option, value] };
}

function nodeCidr(cluster: Cluster, node: NodeSettings | undefined, family: Family): Prefix | undefined {
  if (node === undefined) return undefined;
  const given = cluster.node(node.name)?.podCIDRs.find(({ addr }) => familyOf(addr) === family);
  if (given !== undefined) return given;
  return nodePodRanges(node).find(({ addr }) => familyOf(addr) === family);
}
