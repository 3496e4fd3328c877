/** On which of its addresses a node answers for NodePorts (pkg/proxy/util/nodeport_addresses.go). */
import type { NodeSettings, ProxySettings } from '../../cluster/settings.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6 } from '../../net/address.ts';
import { contains, hostPrefix, network } from '../../net/prefix.ts';
import { nodeAddress } from './node-address.ts';

export type NodePortAddresses = {
  /** NodePorts on 127.0.0.1 work, by way of route_localnet: IPv4 only. */
  readonly localhost: boolean;
  /** `all`: every local address. Otherwise the node's addresses inside nodePortAddresses, loopback ones only where they work. */
  readonly accept: 'all' | readonly IpAddr[];
};

export function nodePortAddresses(
  proxy: ProxySettings,
  node: NodeSettings | undefined,
  family: Family,
): NodePortAddresses {
  const own = nodeAddress(node, family);
  // `primary` is replaced by the node's addresses before kube-proxy looks at the ranges (cmd/kube-proxy: platformSetup).
  // In nftables mode `primary` is what nobody has to say (v1alpha1 setDefaults of KubeProxyConfiguration).
  const primary = proxy.nodePortPrimary ?? (proxy.mode === 'nftables' && proxy.nodePortAddresses.length === 0);
  const ranges = primary ? (own === undefined ? [] : [hostPrefix(own)]) : proxy.nodePortAddresses;
  const cidrs = ranges.filter(({ addr }) => familyOf(addr) === family).map(network);
  const loopback: IpAddr = family === 4 ? ip4(0x7f000001) : ip6(1n);
  const all = cidrs.length === 0 || cidrs.some(({ bits }) => bits === 0);
  const localhost = family === 4 && proxy.localhostNodePorts && (all || cidrs.some((cidr) => contains(cidr, loopback)));
  if (all) return { localhost, accept: 'all' };
  const addresses = [...(localhost ? [loopback] : []), ...(own === undefined ? [] : [own])];
  return { localhost, accept: addresses.filter((ip) => cidrs.some((cidr) => contains(cidr, ip))) };
}
