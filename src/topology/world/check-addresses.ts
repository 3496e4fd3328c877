/** Mistakes in the addresses of a topology that no single document shows. */
import { nodeAddress, nodeAddresses, nodeGateways, nodePodRanges } from '../../cluster/node-networks.ts';
import type { ClusterSettings } from '../../cluster/settings.ts';
import { positionOf } from '../../cluster/source.ts';
import { type Issue, issue, type Position } from '../../lib/result.ts';
import { familyOf, type IpAddr, printIp } from '../../net/address.ts';
import { isLinkLocal6 } from '../../net/link-local.ts';
import { contains, network, overlaps, type Prefix, printPrefix } from '../../net/prefix.ts';

/** An address of a device that is on a segment. */
export type SegmentAddress = {
  readonly segment: string;
  readonly ip: IpAddr;
  /** Length of the network it is on. */
  readonly bits: number;
  /** `node vms81`, `host laptop interface eth0`. */
  readonly owner: string;
  readonly at: Position | undefined;
};

/** The same address twice on one segment: both would answer for it. */
export function checkDuplicates(addresses: readonly SegmentAddress[]): readonly Issue[] {
  const first = new Map<string, SegmentAddress>();
  return addresses.flatMap((address) => {
    const key = `${address.segment} ${printIp(address.ip)}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, address);
      return [];
    }
    const where = earlier.at === undefined ? '' : ` (${earlier.at.file}:${earlier.at.line})`;
    const message = `${printIp(address.ip)} is used twice on segment ${address.segment}: by ${earlier.owner}${where} and by ${address.owner}`;
    return [issue('duplicate-address', message, address.at === undefined ? {} : { at: address.at })];
  });
}

/** A network of the input, with what it is called and where it stands. */
export type NamedNetwork = { readonly what: string; readonly prefix: Prefix; readonly at: Position | undefined };

/**
 * What the Cluster document says of Pod networks, beside what loadCluster() checks: they may not overlap each other, nor
 * (where nodes' shares of them are still to be given out) the network of a machine.
 */
export function checkPodNetworks(settings: ClusterSettings, machines: readonly NamedNetwork[]): readonly Issue[] {
  const { source, nodes } = settings;
  const pods = settings.podCIDRs.map(
    (prefix, index): NamedNetwork => ({
      what: 'the Pod network',
      prefix,
      at: source === undefined ? undefined : positionOf(source, 'spec', 'podCIDRs', index),
    }),
  );
  const twice = pods.flatMap((b, index) =>
    pods.slice(0, index).flatMap((a) => (overlaps(a.prefix, b.prefix) ? [overlap(a, b)] : [])),
  );
  const shared = nodes.every((node) => nodePodRanges(node).length > 0);
  const around = pods.flatMap((pod) => {
    const inside = shared ? undefined : unique(machines).find(({ prefix }) => overlaps(prefix, pod.prefix));
    if (inside === undefined) return [];
    return [
      {
        ...overlap({ ...inside, what: `the network of ${inside.what}` }, pod),
        hint: 'give every node a podCIDR that leaves the machines out, or choose another Pod network',
      },
    ];
  });
  return [...twice, ...around, ...checkBlocks(settings, machines)];
}

/** One of each network: 5,000 nodes on one need one comparison. */
function unique(networks: readonly NamedNetwork[]): readonly NamedNetwork[] {
  const seen = new Map<string, NamedNetwork>();
  for (const entry of networks) {
    const prefix = network(entry.prefix);
    const key = printPrefix(prefix);
    if (!seen.has(key)) seen.set(key, { ...entry, prefix });
  }
  return [...seen.values()];
}

/** Nodes' shares of the Pod network: disjoint, and no share holds a machine. Sorted first, so that 5,000 are no problem. */
function checkBlocks(settings: ClusterSettings, machines: readonly NamedNetwork[]): readonly Issue[] {
  const blocks = settings.nodes.flatMap((node) =>
    nodePodRanges(node).map((prefix) => ({
      what: `podCIDR of node ${node.name}`,
      prefix: network(prefix),
      at:
        node.source === undefined
          ? undefined
          : positionOf(node.source, node.blocks === undefined ? 'podCIDR' : 'blocks'),
    })),
  );
  const sorted = [...blocks].sort((a, b) =>
    typeof a.prefix.addr !== typeof b.prefix.addr
      ? typeof a.prefix.addr === 'number'
        ? -1
        : 1
      : a.prefix.addr < b.prefix.addr
        ? -1
        : a.prefix.addr > b.prefix.addr
          ? 1
          : a.prefix.bits - b.prefix.bits,
  );
  const order = new Map(blocks.map((block, index) => [block, index]));
  const issues: Issue[] = [];
  for (let i = 1, widest = sorted[0]; i < sorted.length; i++) {
    const block = sorted[i];
    if (block === undefined || widest === undefined) continue;
    if (!overlaps(widest.prefix, block.prefix)) {
      widest = block;
      continue;
    }
    const [first, second] = (order.get(widest) ?? 0) < (order.get(block) ?? 0) ? [widest, block] : [block, widest];
    issues.push(overlap(first, second));
  }
  const networks = unique(machines);
  for (const block of blocks) {
    for (const machine of networks) if (overlaps(block.prefix, machine.prefix)) issues.push(overlap(machine, block));
  }
  return issues;
}

function overlap(a: NamedNetwork, b: NamedNetwork): Issue {
  const message = `${b.what} ${printPrefix(b.prefix)} overlaps ${a.what} ${printPrefix(a.prefix)}`;
  return issue('overlapping-networks', message, b.at === undefined ? {} : { at: b.at });
}

/** fib_check_nh() would refuse the default route. */
export function checkNodeGateways(settings: ClusterSettings): readonly Issue[] {
  return settings.nodes.flatMap((node) =>
    nodeGateways(node).flatMap((gateway) => {
      if (nodeAddresses(node).some((address) => contains(address, gateway)) || isLinkLocal6(gateway)) return [];
      const own = nodeAddress(node, familyOf(gateway)) ?? node.address;
      const message = `gateway ${printIp(gateway)} of node ${node.name} is not on its network ${printPrefix(network(own))}`;
      const { source } = node;
      return [issue('gateway-not-on-link', message, source === undefined ? {} : { at: positionOf(source, 'gateway') })];
    }),
  );
}
