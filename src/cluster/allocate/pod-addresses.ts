/** Gives Pods their addresses, and nodes the ranges they come from, as the CNI plugin's IPAM would. */
import { fnv1 } from '../../lib/fnv1.ts';
import { type Family, familyOf, type IpAddr, isIp4, printIp } from '../../net/address.ts';
import { network, type Prefix, printPrefix } from '../../net/prefix.ts';
import { isPlainObject, ownField } from '../field-reader.ts';
import type { Note } from '../note.ts';
import type { IpPool, Node, Pod } from '../objects.ts';
import type { ClusterSettings, NodeSettings } from '../settings.ts';
import { AddressPool, type RangeSource } from './address-pool.ts';

export type Addressed = {
  readonly pods: readonly Pod[];
  /** With their ranges and tunnel addresses filled in. */
  readonly nodes: readonly NodeSettings[];
};

type Input = {
  readonly pods: readonly Pod[];
  readonly settings: ClusterSettings;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ipPools: readonly IpPool[];
  readonly notes: Note[];
};

export function givePodAddresses({ pods, settings, nodes, ipPools, notes }: Input): Addressed {
  const calico = settings.cni.plugin === 'calico';
  const sources = calico ? calicoSources(settings, ipPools) : nodeCidrSources(settings);
  const families = familiesOf(sources);
  // Calico gives out every address of a block; host-local keeps the network, the gateway (.1) and the broadcast address.
  const pool = new AddressPool(sources, calico ? { first: 0, last: 0 } : { first: 2, last: 1 });
  claimGiven(pool, settings.nodes, nodes, calico);
  const live = pods.filter((pod) => !pod.hostNetwork && !hasEnded(pod));
  for (const pod of live) for (const ip of pod.ips) pool.use(ip);
  for (const node of settings.nodes) pool.use(node.address.addr);
  const given = new Set(settings.nodes.flatMap(({ name }) => (pool.rangesOf(name).length > 0 ? [name] : [])));
  for (const { node, ips } of live) {
    if (node !== undefined && !given.has(node)) for (const ip of ips) pool.claimAround(node, ip);
  }
  if (!calico) claimInOrder(pool, settings.nodes, families);
  const tunnels = tunnelAddresses(pool, settings, ipPools);
  const byName = new Map(settings.nodes.map((node) => [node.name, node]));
  const addressed = pods.map((pod) => withAddress(pod, pool, families, byName, nodes, notes));
  const result = settings.nodes.map((node) =>
    withRanges(node, pool, given.has(node.name), tunnels.get(node.name), calico, notes),
  );
  return { pods: addressed, nodes: result };
}

function hasEnded({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** libcalico-go ipam: a new block of a node is looked for from a start that the node's name decides (FNV-1, 32 bits). */
function calicoSources(settings: ClusterSettings, ipPools: readonly IpPool[]): readonly RangeSource[] {
  const start = (node: string, count: number): number => fnv1(node) % count;
  const enabled = ipPools.filter(({ disabled }) => !disabled);
  if (enabled.length > 0)
    return enabled.map(({ cidr, blockSize }) => ({ cidr: network(cidr), bits: blockSize, start }));
  const blockSize = settings.cni.plugin === 'calico' ? settings.cni.calico.blockSize : 26;
  return settings.podCIDRs.map((cidr) => ({ cidr: network(cidr), bits: isIp4(cidr.addr) ? blockSize : 122, start }));
}

/** kube-controller-manager's range allocator: a /24 (IPv6: a /64) for each node, in order; smaller where it must be. */
function nodeCidrSources(settings: ClusterSettings): readonly RangeSource[] {
  const needed = Math.ceil(Math.log2(Math.max(settings.nodes.length, 1)));
  return settings.podCIDRs.map((cidr) => {
    const [usual, most] = isIp4(cidr.addr) ? [24, 30] : [64, 120];
    return { cidr: network(cidr), bits: Math.min(Math.max(usual, cidr.bits + needed), most), start: () => 0 };
  });
}

function familiesOf(sources: readonly RangeSource[]): readonly Family[] {
  return ([4, 6] as const).filter((family) => sources.some(({ cidr }) => familyOf(cidr.addr) === family));
}

/**
 * Ranges that the input gives. The podCIDR of a Node object is what kube-controller-manager wrote there; Calico's own IPAM
 * does not use it, so that it counts for Calico only where the Cluster document says it.
 */
function claimGiven(
  pool: AddressPool,
  settings: readonly NodeSettings[],
  nodes: ReadonlyMap<string, Node>,
  calico: boolean,
): void {
  for (const node of settings) {
    const written = node.podCIDR !== undefined && !(calico && isFromNodeObject(node));
    const own = node.blocks ?? (written && node.podCIDR !== undefined ? [node.podCIDR] : []);
    const more = calico ? [] : (nodes.get(node.name)?.podCIDRs ?? []);
    const ranges = new Map([...own, ...more].map((range) => [printPrefix(network(range)), network(range)]));
    for (const range of ranges.values()) pool.claim(node.name, range);
    if (node.tunnelAddress !== undefined) pool.use(node.tunnelAddress);
  }
}

/** kube-controller-manager gives every node a range of each family, whether Pods run there or not. */
function claimInOrder(pool: AddressPool, nodes: readonly NodeSettings[], families: readonly Family[]): void {
  for (const { name } of nodes) {
    for (const family of families) {
      if (!pool.rangesOf(name).some(({ addr }) => familyOf(addr) === family)) pool.claimFree(name, family);
    }
  }
}

function isFromNodeObject({ source }: NodeSettings): boolean {
  const value = source?.document.value;
  return isPlainObject(value) && ownField(value, 'kind') === 'Node';
}

/** Calico's tunnel addresses are taken when the node starts, before any Pod: the first of the node's first block. */
function tunnelAddresses(
  pool: AddressPool,
  settings: ClusterSettings,
  ipPools: readonly IpPool[],
): ReadonlyMap<string, IpAddr> {
  const { cni } = settings;
  if (cni.plugin !== 'calico') return new Map();
  const encapsulated =
    ipPools.length > 0
      ? ipPools.some(({ ipipMode, vxlanMode }) => ipipMode !== 'Never' || vxlanMode !== 'Never')
      : cni.calico.encapsulation !== 'none';
  if (!encapsulated) return new Map();
  return new Map(
    settings.nodes.flatMap(({ name, tunnelAddress }) => {
      const ip = tunnelAddress ?? pool.takeForTunnel(name, 4);
      return ip === undefined ? [] : [[name, ip] as const];
    }),
  );
}

function withAddress(
  pod: Pod,
  pool: AddressPool,
  families: readonly Family[],
  settings: ReadonlyMap<string, NodeSettings>,
  nodes: ReadonlyMap<string, Node>,
  notes: Note[],
): Pod {
  const { node } = pod;
  if (pod.ips.length > 0 || node === undefined || hasEnded(pod) || pod.phase === 'Pending') return pod;
  const own = settings.get(node);
  if (own === undefined) return pod;
  if (pod.hostNetwork) return { ...pod, ips: nodeIps(own, nodes.get(node)) };
  const ips = families.flatMap((family) => pool.take(node, family) ?? []);
  const about = `Pod ${pod.namespace}/${pod.name}`;
  const message =
    ips.length > 0
      ? `${about} is taken to have ${ips.map(printIp).join(' and ')}, the next free address on ${node}`
      : `${about} has no address: the Pod network has no free one left for ${node}`;
  notes.push({ code: ips.length > 0 ? 'POD_ADDRESS_ASSUMED' : 'POD_ADDRESS_EXHAUSTED', message, about });
  return { ...pod, ips };
}

/** The node's address, and that of the other family where its Node object has one. */
function nodeIps({ address }: NodeSettings, node: Node | undefined): readonly IpAddr[] {
  const other = node?.internalIps.find((ip) => familyOf(ip) !== familyOf(address.addr));
  return other === undefined ? [address.addr] : [address.addr, other];
}

function withRanges(
  node: NodeSettings,
  pool: AddressPool,
  given: boolean,
  tunnelAddress: IpAddr | undefined,
  calico: boolean,
  notes: Note[],
): NodeSettings {
  const ranges: readonly Prefix[] = pool.rangesOf(node.name);
  const [first] = ranges;
  if (first === undefined) return node;
  if (!given) {
    const message = `${node.name} is taken to hold ${ranges.map(printPrefix).join(', ')} for its Pods`;
    notes.push({ code: 'POD_RANGE_ASSUMED', message, about: `Node ${node.name}` });
  }
  const podCIDR = calico || node.podCIDR === undefined ? first : node.podCIDR;
  return { ...node, podCIDR, blocks: ranges, ...(tunnelAddress === undefined ? {} : { tunnelAddress }) };
}
