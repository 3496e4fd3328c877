import { nodeAddress as addressOfFamily } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Family, IpAddr } from '../../net/address.ts';

/** The node's own address of a family, as kube-proxy knows it (GetNodeIPs of the Node object); undefined where it has none. */
export function nodeAddress(node: NodeSettings | undefined, family: Family): IpAddr | undefined {
  return node === undefined ? undefined : addressOfFamily(node, family)?.addr;
}
