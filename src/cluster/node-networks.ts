/** A node's addresses, gateways and Pod ranges by family: which of two is the primary one decides only about order. */
import { type Family, familyOf, type IpAddr } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import type { NodeSettings } from './settings.ts';

/** The primary address first. */
export function nodeAddresses({ address, secondAddress }: NodeSettings): readonly Prefix[] {
  return secondAddress === undefined ? [address] : [address, secondAddress];
}

export function nodeAddress(node: NodeSettings, family: Family): Prefix | undefined {
  return nodeAddresses(node).find(({ addr }) => familyOf(addr) === family);
}

export function nodeGateways({ gateway, secondGateway }: NodeSettings): readonly IpAddr[] {
  return [gateway, secondGateway].flatMap((ip) => ip ?? []);
}

export function nodeTunnelAddresses({ tunnelAddress, secondTunnelAddress }: NodeSettings): readonly IpAddr[] {
  return [tunnelAddress, secondTunnelAddress].flatMap((ip) => ip ?? []);
}

/** The ranges that are given for its Pods: blocks, else podCIDRs, else podCIDR. */
export function nodePodRanges({ blocks, podCIDRs, podCIDR }: NodeSettings): readonly Prefix[] {
  return blocks ?? podCIDRs ?? (podCIDR === undefined ? [] : [podCIDR]);
}

/** What of the node one family sees; undefined where it has no address of it. A node of one family is itself. */
export function nodeOfFamily(node: NodeSettings, family: Family): NodeSettings | undefined {
  const address = nodeAddress(node, family);
  if (address === undefined) return undefined;
  const own = <T extends IpAddr>(ips: readonly T[]): T | undefined => ips.find((ip) => familyOf(ip) === family);
  const ofFamily = ({ addr }: Prefix): boolean => familyOf(addr) === family;
  const { secondAddress, secondGateway, secondTunnelAddress, podCIDRs, ...rest } = node;
  const ranges = nodePodRanges(node);
  const others = [secondAddress, secondGateway, secondTunnelAddress].some((each) => each !== undefined);
  if (!others && ranges.every(ofFamily) && nodeGateways(node).every((ip) => familyOf(ip) === family)) return node;
  const { gateway: _gateway, tunnelAddress: _tunnel, podCIDR: _range, blocks, ...plain } = rest;
  const gateway = own(nodeGateways(node));
  const tunnelAddress = own(nodeTunnelAddresses(node));
  const podCIDR = [...(podCIDRs ?? []), ...(node.podCIDR === undefined ? [] : [node.podCIDR]), ...ranges].find(
    ofFamily,
  );
  return {
    ...plain,
    address,
    ...(gateway === undefined ? {} : { gateway }),
    ...(tunnelAddress === undefined ? {} : { tunnelAddress }),
    ...(podCIDR === undefined ? {} : { podCIDR }),
    ...(blocks === undefined ? {} : { blocks: blocks.filter(ofFamily) }),
  };
}

/** The families of networks, in the order in which they first stand there. */
export function familiesOf(networks: readonly Prefix[]): readonly Family[] {
  return [...new Set(networks.map(({ addr }) => familyOf(addr)))];
}
