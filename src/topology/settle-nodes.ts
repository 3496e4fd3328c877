/** The machines of a cluster: what the Cluster document and Node objects say of them, and what neither says. */
import { familiesOf } from '../cluster/node-networks.ts';
import type { Note } from '../cluster/note.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6, isIp4, offsetIp, printIp } from '../net/address.ts';
import { contains, network, overlaps, type Prefix, printPrefix } from '../net/prefix.ts';
import type { ManifestFacts, NodeFacts } from './manifest-facts.ts';
import { type ClusterDocument, DEFAULT_SEGMENT } from './nettrace/cluster-document.ts';
import type { NodeEntry } from './nettrace/node-entry.ts';

/** Where machines without an address are put: the first of these that is no Pod or Service network. */
const NODE_NETWORKS: Readonly<Record<Family, readonly [Prefix, ...Prefix[]]>> = {
  4: [
    { addr: ip4(0xc0a80000), bits: 24 },
    { addr: ip4(0xac1f0000), bits: 24 },
    { addr: ip4(0x0a000000), bits: 24 },
  ],
  6: [
    { addr: ip6(0xfd00_00c0_00a8n << 80n), bits: 64 },
    { addr: ip6(0xfd00_0172_0031n << 80n), bits: 64 },
  ],
};

type Draft = {
  readonly name: string;
  readonly entry: NodeEntry | undefined;
  readonly facts: NodeFacts | undefined;
  /** As far as anybody says; the primary one first. */
  readonly given: readonly PartialAddress[];
};

/** Of a Node object the length of the network is known only where Calico has written it down. */
type PartialAddress = NodeFacts['addresses'][number];

/**
 * @param networks of Pods and Services: their families are those that every node has an address of
 * @param taken addresses of other machines
 */
export function settleNodes(
  document: ClusterDocument | undefined,
  facts: ManifestFacts,
  networks: readonly Prefix[],
  taken: readonly IpAddr[],
  notes: Note[],
): readonly NodeSettings[] {
  const drafts = draftNodes(document, facts, notes);
  const families = familiesOf(networks);
  const used = new Set<IpAddr>([...taken, ...drafts.flatMap(({ given }) => given.map(({ ip }) => ip))]);
  for (const { entry } of drafts)
    for (const ip of [entry?.gateway, entry?.secondGateway]) if (ip !== undefined) used.add(ip);
  const shared = { 4: commonNetwork(drafts, networks, 4), 6: commonNetwork(drafts, networks, 6) };
  const assumed: string[] = [];
  const settled = drafts.map((draft) => {
    const own = addressesOf(draft, families, shared, used);
    if (own.assumed.length > 0) assumed.push(`${draft.name} ${own.assumed.map(printPrefix).join(' ')}`);
    return { draft, addresses: own.addresses };
  });
  if (assumed.length > 0) {
    const shown = assumed.length > 5 ? [...assumed.slice(0, 5), `${assumed.length - 5} more`] : assumed;
    notes.push({
      code: 'NODE_NETWORK_ASSUMED',
      message: `addresses or prefix lengths of nodes are assumed: ${shown.join(', ')}`,
    });
  }
  const gatewayOf = gatewayFinder(used, notes);
  return settled.map(({ draft, addresses }) =>
    settleNode(draft, addresses, document?.segment ?? DEFAULT_SEGMENT, gatewayOf),
  );
}

type Addresses = { readonly addresses: readonly [Prefix, ...Prefix[]]; readonly assumed: readonly Prefix[] };

/** The given ones, and one of every other family that the cluster's networks have. */
function addressesOf(
  { given }: Draft,
  families: readonly Family[],
  shared: Readonly<Record<Family, Prefix>>,
  used: Set<IpAddr>,
): Addresses {
  const assumed: Prefix[] = [];
  const addresses = given.map(({ ip, bits }): Prefix => {
    const common = shared[familyOf(ip)];
    if (bits !== undefined) return { addr: ip, bits };
    const address = { addr: ip, bits: contains(common, ip) ? common.bits : isIp4(ip) ? 24 : 64 };
    assumed.push(address);
    return address;
  });
  const [usual = 4] = families;
  const missing = (families.length === 0 ? [usual] : families).filter(
    (family) => !addresses.some(({ addr }) => familyOf(addr) === family),
  );
  for (const family of missing) {
    const ip = nextFree(shared[family], used, FIRST_HOST);
    used.add(ip);
    const address = { addr: ip, bits: shared[family].bits };
    assumed.push(address);
    addresses.push(address);
  }
  const [first, ...others] = addresses;
  return { addresses: [first ?? shared[usual], ...others], assumed };
}

const FIRST_HOST = 11;

/** Nodes of the Cluster document in its order, then other Node objects; names that Pods mention where there is neither. */
function draftNodes(document: ClusterDocument | undefined, facts: ManifestFacts, notes: Note[]): readonly Draft[] {
  const objects = new Map(facts.nodes.map((node) => [node.name, node]));
  const drafts = new Map<string, Draft>();
  for (const entry of document?.nodes ?? []) {
    const node = objects.get(entry.name);
    drafts.set(entry.name, { name: entry.name, entry, facts: node, given: givenAddresses(entry, node) });
  }
  for (const node of facts.nodes) {
    if (drafts.has(node.name)) continue;
    drafts.set(node.name, { name: node.name, entry: undefined, facts: node, given: node.addresses });
  }
  if (drafts.size > 0 || !facts.hasPods) return [...drafts.values()];
  const names = facts.nodeNames.length > 0 ? [...facts.nodeNames].sort() : ['node-1', 'node-2'];
  notes.push({
    code: 'NODES_ASSUMED',
    message: `the input describes no nodes: ${names.length} are assumed (${names.slice(0, 5).join(', ')})`,
  });
  return names.map((name) => {
    const given = (facts.hostIps.get(name) ?? []).map((ip) => ({ ip, bits: undefined }));
    return { name, entry: undefined, facts: undefined, given };
  });
}

/** The document's; of a family that it leaves out, the Node object's. */
function givenAddresses(
  { address, secondAddress }: NodeEntry,
  facts: NodeFacts | undefined,
): readonly PartialAddress[] {
  const written = [address, secondAddress].flatMap((each) =>
    each === undefined ? [] : [{ ip: each.addr, bits: each.bits }],
  );
  const others = (facts?.addresses ?? []).filter(
    ({ ip }) => !written.some((other) => familyOf(other.ip) === familyOf(ip)),
  );
  return [...written, ...others];
}

/**
 * The network of nodes whose prefix length nobody gave: that of a node that has one, else the smallest of /16 to /24 (IPv6:
 * the /64) that holds all their addresses, else one of our own.
 */
function commonNetwork(drafts: readonly Draft[], others: readonly Prefix[], family: Family): Prefix {
  const known = drafts.flatMap(({ given }) => given.filter(({ ip }) => familyOf(ip) === family));
  const whole = known.find(({ bits }) => bits !== undefined);
  if (whole?.bits !== undefined) return network({ addr: whole.ip, bits: whole.bits });
  const [first] = known;
  if (first !== undefined && family === 4) {
    for (let bits = 24; bits >= 16; bits--) {
      const candidate = network({ addr: first.ip, bits });
      if (known.every(({ ip }) => contains(candidate, ip))) return candidate;
    }
    return network({ addr: first.ip, bits: 24 });
  }
  if (first !== undefined) return network({ addr: first.ip, bits: 64 });
  const [fallback] = NODE_NETWORKS[family];
  const clear = NODE_NETWORKS[family].find((candidate) => !others.some((other) => overlaps(candidate, other)));
  return clear ?? fallback;
}

function nextFree(prefix: Prefix, used: ReadonlySet<IpAddr>, start: number): IpAddr {
  for (let offset = start; ; offset++) {
    const address = offsetIp(prefix.addr, offset);
    if (!used.has(address)) return address;
  }
}

/** One gateway for each network that has none in the input. */
function gatewayFinder(used: Set<IpAddr>, notes: Note[]): (own: Prefix) => IpAddr {
  const gateways = new Map<string, IpAddr>();
  return (own) => {
    const key = printPrefix(network(own));
    const known = gateways.get(key);
    if (known !== undefined) return known;
    const gateway = nextFree(network(own), used, 1);
    gateways.set(key, gateway);
    used.add(gateway);
    notes.push({
      code: 'GATEWAY_ASSUMED',
      message: `the input names no gateway of ${key}: ${printIp(gateway)} is assumed`,
    });
    return gateway;
  };
}

function settleNode(
  { name, entry, facts, given }: Draft,
  [address, secondAddress]: readonly [Prefix, ...Prefix[]],
  segment: string,
  gatewayOf: (own: Prefix) => IpAddr,
): NodeSettings {
  // A node that the Cluster document describes has the gateway it gives, or none.
  const gateway = entry === undefined ? gatewayOf(address) : entry.gateway;
  const secondGateway = secondGatewayOf(entry, secondAddress, given, gatewayOf);
  const podCIDRs = entry?.podCIDR === undefined ? (facts?.podCIDRs ?? []) : (entry.podCIDRs ?? [entry.podCIDR]);
  const [podCIDR] = podCIDRs;
  const tunnelAddress = entry?.tunnelAddress ?? facts?.tunnelAddress;
  const secondTunnelAddress = entry?.secondTunnelAddress ?? facts?.secondTunnelAddress;
  const asNumber = entry?.asNumber ?? facts?.asNumber;
  const clusterId = entry?.routeReflectorClusterId ?? facts?.routeReflectorClusterId;
  const source = entry?.source ?? (facts === undefined ? undefined : { document: facts.document, path: [] });
  return {
    name,
    address,
    interface: entry?.interface ?? 'eth0',
    controlPlane: entry?.controlPlane ?? facts?.controlPlane ?? false,
    mtu: entry?.mtu ?? 1500,
    segment: entry?.segment ?? segment,
    sysctls: entry?.sysctls ?? {},
    listen: entry?.listen ?? [],
    ...(secondAddress === undefined ? {} : { secondAddress }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(secondGateway === undefined ? {} : { secondGateway }),
    ...(podCIDR === undefined ? {} : { podCIDR }),
    ...(podCIDRs.length < 2 ? {} : { podCIDRs }),
    ...(entry?.blocks === undefined ? {} : { blocks: entry.blocks }),
    ...(tunnelAddress === undefined ? {} : { tunnelAddress }),
    ...(secondTunnelAddress === undefined ? {} : { secondTunnelAddress }),
    ...(asNumber === undefined ? {} : { asNumber }),
    ...(clusterId === undefined ? {} : { routeReflectorClusterId: clusterId }),
    ...(source === undefined ? {} : { source }),
  };
}

/** Beside an address that was made up for a node with a gateway, one is made up too. */
function secondGatewayOf(
  entry: NodeEntry | undefined,
  second: Prefix | undefined,
  given: readonly PartialAddress[],
  gatewayOf: (own: Prefix) => IpAddr,
): IpAddr | undefined {
  if (second === undefined) return undefined;
  if (entry === undefined) return gatewayOf(second);
  if (entry.secondGateway !== undefined) return entry.secondGateway;
  const madeUp = !given.some(({ ip }) => ip === second.addr);
  return madeUp && entry.gateway !== undefined ? gatewayOf(second) : undefined;
}
