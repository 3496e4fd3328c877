/** Mistakes in the addresses of a topology that no single document shows. */
import type { ClusterSettings } from '../../cluster/settings.ts';
import { positionOf } from '../../cluster/source.ts';
import { type Issue, issue, type Position } from '../../lib/result.ts';
import { type IpAddr, printIp } from '../../net/address.ts';
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

type Named = NamedNetwork & { readonly kind: 'pods' | 'services' | 'block' | 'machines' };

/**
 * Networks that must not overlap. A Pod network may lie around the machines' own as long as no node's share of it does:
 * Calico's default pool 192.168.0.0/16 often does (then only a warning).
 */
export function checkOverlaps(settings: ClusterSettings, machines: readonly NamedNetwork[]): readonly Issue[] {
  const { source } = settings;
  const inSpec = (field: string, index: number): Position | undefined =>
    source === undefined ? undefined : positionOf(source, 'spec', field, index);
  const networks: readonly Named[] = [
    ...settings.podCIDRs.map(
      (prefix, i): Named => ({ kind: 'pods', what: 'Pod network', prefix, at: inSpec('podCIDRs', i) }),
    ),
    ...settings.serviceCIDRs.map(
      (prefix, i): Named => ({ kind: 'services', what: 'Service network', prefix, at: inSpec('serviceCIDRs', i) }),
    ),
    ...unique(machines).map((entry): Named => ({ ...entry, kind: 'machines' })),
  ];
  const issues = networks.flatMap((b, index) => networks.slice(0, index).flatMap((a) => clash(a, b, settings)));
  return [...issues, ...checkBlocks(settings, machines)];
}

/** One of each network: 5,000 nodes on one need one comparison. */
function unique(networks: readonly NamedNetwork[]): readonly NamedNetwork[] {
  const seen = new Map<string, NamedNetwork>();
  for (const entry of networks) {
    const clean = network(entry.prefix);
    const key = printPrefix(clean);
    if (!seen.has(key)) seen.set(key, { ...entry, prefix: clean });
  }
  return [...seen.values()];
}

function clash(a: Named, b: Named, settings: ClusterSettings): readonly Issue[] {
  if (!overlaps(a.prefix, b.prefix) || (a.kind === 'machines' && b.kind === 'machines')) return [];
  const shares = settings.nodes.every((node) => node.podCIDR !== undefined || node.blocks !== undefined);
  const harmless = a.kind === 'pods' && b.kind === 'machines' && shares;
  // The cluster's own setting is what to change; two of those: the second.
  const at = (b.kind === 'machines' ? a : b).at ?? b.at;
  const message = `${a.what} ${printPrefix(a.prefix)} overlaps ${b.what} ${printPrefix(b.prefix)}`;
  return [
    {
      ...issue('overlapping-networks', message, at === undefined ? {} : { at }),
      severity: harmless ? 'warning' : 'error',
    },
  ];
}

/** Nodes' shares of the Pod network: disjoint, and no share holds a machine. Sorted first, so that 5,000 are no problem. */
function checkBlocks(settings: ClusterSettings, machines: readonly NamedNetwork[]): readonly Issue[] {
  const blocks = settings.nodes.flatMap(({ name, podCIDR, blocks: given, source }) =>
    (given ?? (podCIDR === undefined ? [] : [podCIDR])).map((prefix) => ({
      what: `podCIDR of node ${name}`,
      prefix: network(prefix),
      at: source === undefined ? undefined : positionOf(source, given === undefined ? 'podCIDR' : 'blocks'),
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
  for (const block of blocks) {
    for (const machine of unique(machines))
      if (overlaps(block.prefix, machine.prefix)) issues.push(overlap(machine, block));
  }
  return issues;
}

function overlap(a: NamedNetwork, b: NamedNetwork): Issue {
  const message = `${a.what} ${printPrefix(a.prefix)} overlaps ${b.what} ${printPrefix(b.prefix)}`;
  return issue('overlapping-networks', message, b.at === undefined ? {} : { at: b.at });
}

/** fib_check_nh() would refuse the default route. */
export function checkNodeGateways(settings: ClusterSettings): readonly Issue[] {
  return settings.nodes.flatMap(({ name, address, gateway, source }) => {
    if (gateway === undefined || contains(address, gateway)) return [];
    const message = `gateway ${printIp(gateway)} of node ${name} is not on its network ${printPrefix(network(address))}`;
    return [issue('gateway-not-on-link', message, source === undefined ? {} : { at: positionOf(source, 'gateway') })];
  });
}
