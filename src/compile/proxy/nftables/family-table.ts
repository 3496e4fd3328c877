/**
 * kube-proxy's table of one family. What is the same on every node is built once and shared, sets and chains by identity:
 * an index over the elements of 10,000 Services is made once, not once for each node.
 */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { NftElement, NftSet } from '../../../kernel/nftables/ruleset.ts';
import type { NftTableSpec } from '../../../kernel/nftables/table-spec.ts';
import { eager, type Lazy, lazy, memoize, memoizeBy } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6 } from '../../../net/address.ts';
import { contains, network } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { Decisions } from '../decisions.ts';
import type { ProxyEndpoint } from '../endpoints.ts';
import { proxyOrigins } from '../iptables/origins.ts';
import { type LocalDetector, localDetector } from '../local-detector.ts';
import { nodeAddress } from '../node-address.ts';
import { nodePortAddresses } from '../node-port-addresses.ts';
import { nodeTopology } from '../node-topology.ts';
import { ANY_NODE, type Outcome, outcomeOn, type ServiceEntry, serviceEntries } from '../service-entries.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { type PortElements, portElements, protocolOf, value } from './elements.ts';
import { generationOf } from './generation.ts';
import { type ChainContext, portObjects } from './service-chains.ts';
import { serviceGroup } from './service-group.ts';
import { staticChains } from './static-chains.ts';
import { FAMILY_WORDS, nftDetector } from './words.ts';

export type FamilyTable = {
  /** Whether the cluster has Services of the family. */
  readonly used: boolean;
  node(name: string): NftTableSpec;
};

export function familyTable(cluster: Cluster, family: Family, table: OriginTable): FamilyTable {
  const { settings } = cluster;
  const origins = proxyOrigins(cluster, table);
  const words = FAMILY_WORDS[family];
  const generation = generationOf(settings.kubernetesVersion);
  const nodes = lazy(() => new Map(settings.nodes.map((node) => [node.name, node])));
  const serviceRanges = settings.serviceCIDRs.filter(({ addr }) => familyOf(addr) === family).map(network);
  const { masqueradeAll } = settings.proxy;

  const services = serviceEntries(cluster, family);
  const { all: entries, alike, differing, decisionsAnywhere } = services;
  const contextOf = (detector: LocalDetector | undefined, nodeIp: IpAddr | undefined): ChainContext => ({
    words,
    generation,
    detector: nftDetector(detector, words),
    masqueradeAll,
    nodeIp,
    origins,
  });
  const sharedGroup = memoizeBy(
    (detector: LocalDetector | undefined) => detector?.ifLocal.join(' ') ?? '',
    (detector) => {
      const context = contextOf(detector, undefined);
      return serviceGroup(alike, (entry) =>
        portObjects(entry.port, outcomeOn(entry, ANY_NODE).selection, decisionsAnywhere(entry), context),
      );
    },
  );
  const sharedChains = memoizeBy(
    ({ detector, any }: { readonly detector: LocalDetector | undefined; readonly any: boolean }) =>
      `${any} ${detector?.ifLocal.join(' ') ?? ''}`,
    ({ detector, any }) =>
      staticChains({
        words,
        generation,
        detector: nftDetector(detector, words),
        masqueradeAll,
        anyNodePortAddress: any,
        serviceRanges,
        origins,
      }),
  );
  const sharedElements = memoize((entry: ServiceEntry) => portElements(entry.port, decisionsAnywhere(entry), origins));

  /** The sets of Services, by what the node sees of those in which nodes differ. */
  const serviceSets = memoizeBy(
    (own: ReadonlyMap<ServiceEntry, Outcome>) => [...own.values()].map(({ decisions }) => textOf(decisions)).join(' '),
    (own): ReadonlyMap<keyof PortElements, NftSet> => {
      const all = lazy(() =>
        entries.map((entry) => {
          const outcome = own.get(entry);
          return outcome === undefined ? sharedElements(entry) : portElements(entry.port, outcome.decisions, origins);
        }),
      );
      return new Map(
        SETS.map((shape) => [shape.part, setOf(shape, words.address, () => all().flatMap((each) => each[shape.part]))]),
      );
    },
  );

  /** Endpoints on each node, of the Services in which nodes do not differ: they talk to themselves there alone. */
  const localEndpoints = lazy(() => {
    const byNode = new Map<string, NftElement[]>();
    for (const entry of alike) {
      for (const endpoint of outcomeOn(entry, ANY_NODE).selection.allReachable) {
        const name = endpoint.endpoint.node;
        if (name === undefined) continue;
        const list = byNode.get(name);
        if (list === undefined) byNode.set(name, [hairpin(entry.port, endpoint)]);
        else list.push(hairpin(entry.port, endpoint));
      }
    }
    return byNode;
  });
  const hairpinSet = (name: string, own: ReadonlyMap<ServiceEntry, Outcome>): NftSet => ({
    name: 'hairpin-connections',
    kind: 'set',
    keyTypes: [words.address, words.address, 'inet_proto', 'inet_service'],
    flags: [],
    comment: 'service hairpin connections',
    elements: lazy(() =>
      onceEach([
        ...(localEndpoints().get(name) ?? []),
        ...[...own].flatMap(([{ port }, { selection }]) =>
          selection.allReachable.flatMap((e) => (e.endpoint.node === name ? [hairpin(port, e)] : [])),
        ),
      ]),
    ),
  });

  return {
    used: services.used,
    node(name) {
      const node: NodeSettings | undefined = nodes().get(name);
      const topology = nodeTopology(cluster, name);
      const own = new Map(differing.map((entry) => [entry, outcomeOn(entry, topology)]));
      const { accept } = nodePortAddresses(settings.proxy, node, family);
      const detector = localDetector(cluster, node, family);
      const context = contextOf(detector, nodeAddress(node, family));
      const sets = serviceSets(own);
      const set = (part: keyof PortElements) => sets.get(part) ?? [];
      const ownGroup = serviceGroup([...own.keys()], (entry) => {
        const { selection, decisions } = own.get(entry) ?? outcomeOn(entry, topology);
        return portObjects(entry.port, selection, decisions, context);
      });
      return {
        family: words.ip,
        name: 'kube-proxy',
        comment: 'rules for kube-proxy',
        sets: [
          generation.compact ? hairpinSet(name, own) : [],
          set('clusterIps'),
          accept === 'all' ? [] : nodePortIps(accept, words.address),
          set('noEndpointServices'),
          set('noEndpointNodePorts'),
          set('firewallIps'),
          set('serviceIps'),
          set('serviceNodePorts'),
        ].flat(),
        chains: sharedChains({ detector, any: accept === 'all' }),
        groups: [sharedGroup(detector), ownGroup],
      };
    },
  };
}

type SetShape = {
  readonly part: keyof PortElements;
  readonly name: string;
  readonly comment: string;
  readonly key: 'address' | 'service' | 'nodeport';
};

const SETS: readonly SetShape[] = [
  { part: 'clusterIps', name: 'cluster-ips', comment: 'Active ClusterIPs', key: 'address' },
  {
    part: 'noEndpointServices',
    name: 'no-endpoint-services',
    comment: 'vmap to drop or reject packets to services with no endpoints',
    key: 'service',
  },
  {
    part: 'noEndpointNodePorts',
    name: 'no-endpoint-nodeports',
    comment: 'vmap to drop or reject packets to service nodeports with no endpoints',
    key: 'nodeport',
  },
  {
    part: 'firewallIps',
    name: 'firewall-ips',
    comment: 'destinations that are subject to LoadBalancerSourceRanges',
    key: 'service',
  },
  {
    part: 'serviceIps',
    name: 'service-ips',
    comment: 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
    key: 'service',
  },
  { part: 'serviceNodePorts', name: 'service-nodeports', comment: 'NodePort traffic', key: 'nodeport' },
];

function setOf(
  { name, comment, key }: SetShape,
  address: 'ipv4_addr' | 'ipv6_addr',
  elements: Lazy<readonly NftElement[]>,
): NftSet {
  const base = { name, comment, flags: [], elements: lazy(() => onceEach(elements())) };
  if (key === 'address') return { ...base, kind: 'set', keyTypes: [address] };
  const port = ['inet_proto', 'inet_service'] as const;
  return { ...base, kind: 'map', keyTypes: key === 'service' ? [address, ...port] : port, dataTypes: 'verdict' };
}

/** Several ports of one Service share its address; the kernel holds an element once. */
function onceEach(elements: readonly NftElement[]): readonly NftElement[] {
  const byKey = new Map<string, NftElement>();
  for (const element of elements) {
    const key = element.key.map((part) => (part.kind === 'value' ? String(part.value) : '')).join(' ');
    if (!byKey.has(key)) byKey.set(key, element);
  }
  return [...byKey.values()];
}

/** Addresses that are never put in: nftables mode needs no route_localnet, and has no NodePorts there. */
const LOOPBACK = [
  { addr: ip4(0x7f000000), bits: 8 },
  { addr: ip6(1n), bits: 128 },
] as const;

function nodePortIps(accept: readonly IpAddr[], address: 'ipv4_addr' | 'ipv6_addr'): NftSet {
  const own = accept.filter((ip) => !LOOPBACK.some((range) => contains(range, ip)));
  return {
    name: 'nodeport-ips',
    kind: 'set',
    keyTypes: [address],
    flags: [],
    comment: 'IPs that accept NodePort traffic',
    elements: eager(own.map((ip) => ({ key: [value(ip)] }))),
  };
}

function hairpin(port: ProxyServicePort, { endpoint, port: number }: ProxyEndpoint): NftElement {
  return { key: [value(endpoint.ip), value(endpoint.ip), value(protocolOf(port)), value(number)] };
}

function textOf({ hasAny, hasInternal, hasExternal, noneReady }: Decisions): string {
  return [hasAny, hasInternal, hasExternal, noneReady].map(Number).join('');
}
