/** Which node holds which block of addresses, and who got addresses out of another node's block. */

import { type Pool, poolOf } from '../../../cluster/calico-pools.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import { fnv1 } from '../../../lib/fnv1.ts';
import { type Family, familyOf, type IpAddr, offsetIp } from '../../../net/address.ts';
import { contains, hostPrefix, maskIp, network, type Prefix, sizeOf, widthOf } from '../../../net/prefix.ts';
import { PrefixMap } from '../../../net/prefix-map.ts';

/** Anything that holds an address on a node. */
type Holder = { readonly node: string; readonly ips: readonly IpAddr[] };

export type BlockInput = {
  readonly family: Family;
  readonly nodes: readonly NodeSettings[];
  readonly pools: readonly Pool[];
  /** Every endpoint of the cluster. */
  readonly holders: Iterable<Holder>;
};

export type Block = { readonly cidr: Prefix; readonly node: string };

export interface Blocks {
  /** Blocks of a node, in order of their addresses. */
  of(node: string): readonly Prefix[];
  /** The block an address lies in. */
  containing(address: IpAddr): Block | undefined;
  /** Addresses that a node uses out of another node's block, as prefixes of full length. */
  borrowedBy(node: string): readonly Prefix[];
  /** The address of a node's tunnel devices: the first of its first block that nobody else has. */
  tunnelAddress(node: NodeSettings): IpAddr | undefined;
}

/**
 * Blocks are those the input names (`blocks`, or the node's podCIDR). Unless `blocks` names them all, a node has also
 * those that its endpoints' addresses lie in and that no other node has. A node left without any gets the first free
 * one of a pool from a start that depends on its name. (libcalico-go ipam: there the start is random, with FNV-1 of the
 * name as its seed; Go's generator is not repeated here.)
 */
export function allocateBlocks({ family, nodes, pools, holders }: BlockInput): Blocks {
  const owners = new PrefixMap<Block>();
  const byNode = new Map<string, Prefix[]>(nodes.map(({ name }) => [name, []]));
  const claim = (node: string, cidr: Prefix): void => {
    owners.set(cidr, { cidr, node });
    byNode.get(node)?.push(cidr);
  };
  for (const node of nodes) for (const cidr of givenBlocks(node, family)) claim(node.name, cidr);
  const complete = new Set(nodes.filter((node) => node.blocks !== undefined).map(({ name }) => name));
  const borrowed = new Map<string, Prefix[]>();
  const used = new Set<IpAddr>();
  for (const { node, ips } of holders) {
    for (const ip of ips) {
      if (familyOf(ip) !== family) continue;
      used.add(ip);
      // Most addresses lie in the block that the node has had from the start.
      const first = byNode.get(node)?.[0];
      if (first !== undefined && contains(first, ip)) continue;
      const pool = poolOf(pools, ip);
      if (pool === undefined) continue;
      const owner = owners.longest(ip);
      if (owner === undefined && !complete.has(node)) {
        claim(node, { addr: maskIp(ip, pool.blockSize), bits: pool.blockSize });
      } else if (owner?.node !== node) {
        const mine = borrowed.get(node);
        if (mine === undefined) borrowed.set(node, [hostPrefix(ip)]);
        else mine.push(hostPrefix(ip));
      }
    }
  }
  for (const [name, held] of byNode) {
    if (held.length > 0 || complete.has(name)) continue;
    const cidr = freeBlock(name, pools, owners);
    if (cidr !== undefined) claim(name, cidr);
  }
  for (const cidrs of byNode.values()) cidrs.sort((a, b) => (a.addr < b.addr ? -1 : 1));
  const of = (node: string): readonly Prefix[] => byNode.get(node) ?? [];
  return {
    of,
    containing: (address) => owners.longest(address),
    borrowedBy: (node) => borrowed.get(node) ?? [],
    tunnelAddress: (node) => {
      if (node.tunnelAddress !== undefined) return node.tunnelAddress;
      const [first] = of(node.name);
      if (first === undefined) return undefined;
      for (let ordinal = 0; ordinal < sizeOf(first); ordinal++) {
        const address = offsetIp(first.addr, ordinal);
        if (!used.has(address)) return address;
      }
      return undefined;
    },
  };
}

function givenBlocks({ blocks, podCIDR }: NodeSettings, family: Family): readonly Prefix[] {
  const given = blocks ?? (podCIDR === undefined ? [] : [podCIDR]);
  return given.filter(({ addr }) => familyOf(addr) === family).map(network);
}

/** How far a search goes: IPv6 pools hold more blocks than can be counted. */
const MOST_BLOCKS = 2 ** 20;

/** Walks each pool once around from the node's start. A pool whose blocks are all taken is passed over. */
function freeBlock(node: string, pools: readonly Pool[], owners: PrefixMap<Block>): Prefix | undefined {
  for (const { cidr, blockSize, disabled } of pools) {
    if (disabled || blockSize < cidr.bits) continue;
    const count = Math.min(2 ** (blockSize - cidr.bits), MOST_BLOCKS);
    const size = 2 ** (widthOf(familyOf(cidr.addr)) - blockSize);
    const start = fnv1(node) % count;
    for (let step = 0; step < count; step++) {
      const addr = offsetIp(cidr.addr, ((start + step) % count) * size);
      if (owners.longest(addr) === undefined) return { addr, bits: blockSize };
    }
  }
  return undefined;
}
