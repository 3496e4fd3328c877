/** Gives Pods their addresses, and nodes the ranges they come from, as the CNI plugin's IPAM would. */
import { fnv1 } from '../../lib/fnv1.ts';
import { type Family, familyOf, type IpAddr, isIp4, printIp } from '../../net/address.ts';
import { network, type Prefix, printPrefix } from '../../net/prefix.ts';
import { familiesOf, nodeAddresses, nodePodRanges, nodeTunnelAddresses } from '../node-networks.ts';
import type { Note } from '../note.ts';
import type { IpPool, Node, Pod } from '../objects.ts';
import { isPlainObject, ownField } from '../plain-object.ts';
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
  const families = familiesOf(sources.map(({ cidr }) => cidr));
  // Calico gives out every address of a block; host-local keeps the network, the gateway (.1) and the broadcast address.
  const pool = new AddressPool(sources, calico ? { first: 0, last: 0 } : { first: 2, last: 1 });
  claimGiven(pool, settings.nodes, nodes, calico);
  const live = pods.filter((pod) => !pod.hostNetwork && !hasEnded(pod));
  for (const pod of live) for (const ip of pod.ips) pool.use(ip);
  for (const node of settings.nodes) for (const { addr } of nodeAddresses(node)) pool.use(addr);
  const given = new Set(settings.nodes.flatMap(({ name }) => (pool.rangesOf(name).length > 0 ? [name] : [])));
  const givenOf = { 4: nodesWithRanges(pool, settings.nodes, 4), 6: nodesWithRanges(pool, settings.nodes, 6) };
  for (const { node, ips } of live) {
    if (node === undefined) continue;
    for (const ip of ips) if (!givenOf[familyOf(ip)].has(node)) pool.claimAround(node, ip);
  }
  if (!calico) claimInOrder(pool, settings.nodes, families);
  const tunnels = tunnelAddresses(pool, settings, ipPools);
  const byName = new Map(settings.nodes.map((node) => [node.name, node]));
  const addressed = pods.map((pod) => withAddress(pod, pool, families, byName, nodes, notes));
  const result = settings.nodes.map((node) =>
    withRanges(node, pool, given.has(node.name), tunnels.get(node.name) ?? [], calico, notes),
  );
  return { pods: addressed, nodes: result };
}

function nodesWithRanges(pool: AddressPool, nodes: readonly NodeSettings[], family: Family): ReadonlySet<string> {
  const has = (name: string): boolean => pool.rangesOf(name).some(({ addr }) => familyOf(addr) === family);
  return new Set(nodes.flatMap(({ name }) => (has(name) ? [name] : [])));
}

function hasEnded({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** libcalico-go ipam: a new block of a node is looked for from a start that the node's name decides (FNV-1, 32 bits). */
function calicoSources(settings: ClusterSettings, ipPools: readonly IpPool[]): readonly RangeSource[] {
  const start = (node: string, count: number): number => fnv1(node) % count;
  const enabled = ipPools
    .filter(({ disabled }) => !disabled)
    .map(({ cidr, blockSize }) => ({ cidr: network(cidr), bits: blockSize, start }));
  const blockSize = settings.cni.plugin === 'calico' ? settings.cni.calico.blockSize : 26;
  // Of a family without a pool calico-node makes one of the Pod network.
  const made = settings.podCIDRs
    .filter((cidr) => !ipPools.some((given) => familyOf(given.cidr.addr) === familyOf(cidr.addr)))
    .map((cidr) => ({ cidr: network(cidr), bits: isIp4(cidr.addr) ? blockSize : 122, start }));
  return [...enabled, ...made];
}

/** kube-controller-manager's range allocator: a /24 (IPv6: a /64) for each node, in order; smaller where it must be. */
function nodeCidrSources(settings: ClusterSettings): readonly RangeSource[] {
  const needed = Math.ceil(Math.log2(Math.max(settings.nodes.length, 1)));
  return settings.podCIDRs.map((cidr) => {
    const [usual, most] = isIp4(cidr.addr) ? [24, 30] : [64, 120];
    return { cidr: network(cidr), bits: Math.min(Math.max(usual, cidr.bits + needed), most), start: () => 0 };
  });
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
    const own = node.blocks ?? (calico && isFromNodeObject(node) ? [] : nodePodRanges(node));
    const more = calico ? [] : (nodes.get(node.name)?.podCIDRs ?? []);
    const ranges = new Map([...own, ...more].map((range) => [printPrefix(network(range)), network(range)]));
    for (const range of ranges.values()) pool.claim(node.name, range);
    for (const ip of nodeTunnelAddresses(node)) pool.use(ip);
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
): ReadonlyMap<string, readonly IpAddr[]> {
  const families = ([4, 6] as const).filter((family) => isEncapsulated(settings, ipPools, family));
  if (families.length === 0) return new Map();
  return new Map(
    settings.nodes.map((node) => {
      const given = nodeTunnelAddresses(node);
      const ips = families.flatMap(
        (family) => given.find((ip) => familyOf(ip) === family) ?? pool.takeForTunnel(node.name, family) ?? [],
      );
      return [node.name, ips] as const;
    }),
  );
}

/** Whether nodes have a tunnel device of the family: IPIP and VXLAN for IPv4, VXLAN alone for IPv6. */
function isEncapsulated({ cni, podCIDRs }: ClusterSettings, ipPools: readonly IpPool[], family: Family): boolean {
  if (cni.plugin !== 'calico') return false;
  const own = ipPools.filter(({ cidr }) => familyOf(cidr.addr) === family);
  if (own.length > 0) return own.some(({ ipipMode, vxlanMode }) => ipipMode !== 'Never' || vxlanMode !== 'Never');
  const { encapsulation } = cni.calico;
  if (!podCIDRs.some(({ addr }) => familyOf(addr) === family)) return false;
  return family === 4 ? encapsulation !== 'none' : encapsulation.startsWith('vxlan');
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
  const ips = primaryFirst(families, own).flatMap((family) => pool.take(node, family) ?? []);
  const about = `Pod ${pod.namespace}/${pod.name}`;
  const message =
    ips.length > 0
      ? `${about} is taken to have ${ips.map(printIp).join(' and ')}, the next free address on ${node}`
      : `${about} has no address: the Pod network has no free one left for ${node}`;
  notes.push({ code: ips.length > 0 ? 'POD_ADDRESS_ASSUMED' : 'POD_ADDRESS_EXHAUSTED', message, about });
  return { ...pod, ips };
}

/** kubelet's sortPodIPs(): an address of the node's own primary family stands first. */
function primaryFirst(families: readonly Family[], { address }: NodeSettings): readonly Family[] {
  const primary = familyOf(address.addr);
  return families.length < 2 || families[0] === primary ? families : [...families].reverse();
}

/** The node's addresses; of the other family what its Node object has. */
function nodeIps(settings: NodeSettings, node: Node | undefined): readonly IpAddr[] {
  const { address, secondAddress } = settings;
  const other = secondAddress?.addr ?? node?.internalIps.find((ip) => familyOf(ip) !== familyOf(address.addr));
  return other === undefined ? [address.addr] : [address.addr, other];
}

function withRanges(
  node: NodeSettings,
  pool: AddressPool,
  given: boolean,
  tunnels: readonly IpAddr[],
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
  const [tunnelAddress, secondTunnelAddress] = tunnels;
  return {
    ...node,
    podCIDR,
    blocks: ranges,
    ...(tunnelAddress === undefined ? {} : { tunnelAddress }),
    ...(secondTunnelAddress === undefined ? {} : { secondTunnelAddress }),
  };
}
