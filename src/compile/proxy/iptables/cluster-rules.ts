/**
 * All rules of one family. What is the same on every node is built once and shared, chain objects included: whoever
 * keeps parsed rules by chain parses 10,000 Services once, not once for each node.
 */
import type { Cluster } from '../../../cluster/cluster.ts';
import { isAtLeast } from '../../../cluster/kubernetes-version.ts';
import type { TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainGroup, ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy, memoize } from '../../../lib/lazy.ts';
import { type Family, familyOf, printIp } from '../../../net/address.ts';
import type { OriginTable } from '../../origin.ts';
import { endpointsForNode, type ProxyEndpoints, proxyEndpoints } from '../endpoints.ts';
import { type LocalDetector, localDetector } from '../local-detector.ts';
import { nodeAddress } from '../node-address.ts';
import { type NodePortAddresses, nodePortAddresses } from '../node-port-addresses.ts';
import { nodeTopology } from '../node-topology.ts';
import { type EndpointSelection, type NodeTopology, selectEndpoints } from '../select-endpoints.ts';
import { type ProxyServicePort, proxyServicePorts } from '../service-port.ts';
import { type Decisions, decide } from './decisions.ts';
import { type DispatchRules, dispatchRules, nodePortsTail } from './dispatch-rules.ts';
import { proxyOrigins } from './origins.ts';
import { serviceChainGroup } from './service-chain-group.ts';
import { serviceChains } from './service-chains.ts';
import { firewallOfFamily6, jumps, staticChains } from './static-rules.ts';

/** largeClusterEndpointsThreshold */
const LARGE_CLUSTER = 1000;

/** Releases that brought kube-proxy's nfacct counters. */
const COUNTS_INVALID_SINCE = 31;
const COUNTS_LOCALHOST_SINCE = 32;

export type ClusterRules = {
  /** Whether the cluster has Services of the family. */
  readonly used: () => boolean;
  /** `localhost`: NodePorts work on 127.0.0.1, which takes route_localnet. */
  node(name: string): { readonly iptables: IptablesSpec; readonly localhost: boolean };
};

type Entry = {
  readonly port: ProxyServicePort;
  readonly endpoints: ProxyEndpoints;
  /** Nodes may choose different endpoints, or have rules of their own for it. */
  readonly differs: boolean;
};

type Outcome = { readonly selection: EndpointSelection; readonly decisions: Decisions };

/** Stands for every node where they do not differ. */
const ANY_NODE: NodeTopology = { name: '', zone: undefined, nodeHints: false };

export function clusterRules(cluster: Cluster, family: Family, table: OriginTable): ClusterRules {
  const { settings } = cluster;
  const origins = proxyOrigins(cluster, table);
  const nodes = lazy(() => new Map(settings.nodes.map((node) => [node.name, node])));
  const { nfacct = false } = settings.proxy;
  const countsInvalid = nfacct && isAtLeast(settings.kubernetesVersion, COUNTS_INVALID_SINCE);
  const countsLocalhost =
    nfacct &&
    isAtLeast(settings.kubernetesVersion, COUNTS_LOCALHOST_SINCE) &&
    nodePortAddresses(settings.proxy, undefined, family).localhost;

  const entries = lazy((): readonly Entry[] =>
    proxyServicePorts(cluster, family).map((port) => {
      const endpoints = proxyEndpoints(cluster, port);
      const { hasHints, hasDuplicates } = endpoints;
      return {
        port,
        endpoints,
        differs: port.usesLocalEndpoints || hasHints || hasDuplicates || port.sourceRanges.length > 0,
      };
    }),
  );
  const differing = lazy(() => entries().filter(({ differs }) => differs));
  const large = lazy(() => entries().reduce((sum, { endpoints }) => sum + countOf(endpoints), 0) > LARGE_CLUSTER);

  const outcomeOn = ({ port, endpoints }: Entry, node: NodeTopology): Outcome => {
    const selection = selectEndpoints(endpointsForNode(endpoints, node.name), port, node);
    const facts = { usable: selection.hasAny, local: selection.local.length > 0, known: endpoints.count > 0 };
    return { selection, decisions: decide(port, facts) };
  };
  const decisionsAnywhere = memoize(({ port, endpoints: { usable, count } }: Entry) =>
    decide(port, { usable, local: false, known: count > 0 }),
  );
  const contextOf = (detector: LocalDetector | undefined) => ({
    detector,
    masqueradeAll: settings.proxy.masqueradeAll,
    large,
    nodeIp: undefined,
    origins,
  });

  /** Chains of the Services in which nodes do not differ, by what the local detector says. */
  const sharedChains = byKey(
    (detector: LocalDetector | undefined) => detector?.ifLocal.join(' ') ?? '',
    (detector): ChainGroup => {
      const context = contextOf(detector);
      return serviceChainGroup(
        () => entries().flatMap((entry) => (entry.differs ? [] : [entry])),
        (entry) => serviceChains(entry.port, outcomeOn(entry, ANY_NODE).selection, decisionsAnywhere(entry), context),
      );
    },
  );

  const sharedRules = lazy(
    () =>
      new Map(
        entries().map((entry) => [
          entry,
          lazy(() => dispatchRules(entry.port, decisionsAnywhere(entry), origins, countsLocalhost)),
        ]),
      ),
  );
  /** Rules of one Service in which nodes differ: there are at most eight forms of them. */
  const ownRules = memoize((entry: Entry) =>
    byKey(keyOfDecisions, (decisions) => dispatchRules(entry.port, decisions, origins, countsLocalhost)),
  );

  /** The chains that lead to all Services, by what the node sees of those in which nodes differ. */
  const dispatchChains = byKey(
    ({ own, addresses }: DispatchInput) =>
      `${[...own.values()].map(({ decisions }) => keyOfDecisions(decisions)).join('')} ${keyOfAddresses(addresses)}`,
    ({ own, addresses }): readonly ChainSpec[] => {
      const all = lazy((): readonly DispatchRules[] =>
        entries().flatMap((entry) => {
          const outcome = own.get(entry);
          const rules = outcome === undefined ? sharedRules().get(entry)?.() : ownRules(entry)(outcome.decisions);
          return rules === undefined ? [] : [rules];
        }),
      );
      const chain = (
        name: TableName,
        chainName: string,
        part: keyof DispatchRules,
        tail: () => readonly RuleSpec[] = () => [],
      ): ChainSpec => ({
        table: name,
        chain: chainName,
        rules: lazy(() => [...all().flatMap((rules) => rules[part]), ...tail()]),
      });
      return [
        chain('filter', 'KUBE-SERVICES', 'filterServices'),
        chain('filter', 'KUBE-EXTERNAL-SERVICES', 'filterExternalServices'),
        chain('filter', 'KUBE-NODEPORTS', 'filterNodePorts'),
        chain('filter', 'KUBE-PROXY-FIREWALL', 'filterProxyFirewall'),
        chain('nat', 'KUBE-SERVICES', 'natServices', () => nodePortsTail(addresses, family, origins)),
        chain('nat', 'KUBE-NODEPORTS', 'natNodePorts'),
      ];
    },
  );

  const fixedChains = memoize((liberal: boolean) => [
    ...staticChains({ randomFully: settings.proxy.randomFully, liberal, countsInvalid }, origins),
    ...(family === 6 ? firewallOfFamily6(origins).chains : []),
  ]);
  const hooks = lazy((): readonly HookSpec[] => [
    ...jumps(origins),
    ...(family === 6 ? firewallOfFamily6(origins).hooks : []),
  ]);

  return {
    used: lazy(
      () =>
        [...settings.podCIDRs, ...settings.serviceCIDRs].some(({ addr }) => familyOf(addr) === family) ||
        entries().length > 0,
    ),
    node(name) {
      const node = nodes().get(name);
      const topology = nodeTopology(cluster, name);
      const own = new Map(differing().map((entry) => [entry, outcomeOn(entry, topology)]));
      const addresses = nodePortAddresses(settings.proxy, node, family);
      const detector = localDetector(cluster, node, family);
      const context = { ...contextOf(detector), nodeIp: nodeAddress(node, family) };
      const liberal =
        new Map(Object.entries(node?.sysctls ?? {})).get('net.netfilter.nf_conntrack_tcp_be_liberal') === '1';
      const ownChains = [...own].flatMap(([{ port }, { selection, decisions }]) =>
        serviceChains(port, selection, decisions, context),
      );
      return {
        iptables: {
          chains: [...fixedChains(liberal), ...dispatchChains({ own, addresses }), ...ownChains],
          groups: [sharedChains(detector)],
          hooks: hooks(),
        },
        localhost: addresses.localhost,
      };
    },
  };
}

type DispatchInput = { readonly own: ReadonlyMap<Entry, Outcome>; readonly addresses: NodePortAddresses };

function keyOfDecisions({ hasAny, hasInternal, hasExternal }: Decisions): string {
  return String((hasAny ? 4 : 0) + (hasInternal ? 2 : 0) + (hasExternal ? 1 : 0));
}

function keyOfAddresses({ accept, localhost }: NodePortAddresses): string {
  return accept === 'all' ? `all ${localhost}` : accept.map(printIp).join(' ');
}

/** Repeated addresses count once. */
function countOf(endpoints: ProxyEndpoints): number {
  return endpoints.hasDuplicates ? endpointsForNode(endpoints, '').length : endpoints.count;
}

/** A function whose result is kept by a key of its argument. */
function byKey<A, V>(keyOf: (argument: A) => string, compute: (argument: A) => V): (argument: A) => V {
  const kept = new Map<string, V>();
  return (argument) => {
    const key = keyOf(argument);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const value = compute(argument);
    kept.set(key, value);
    return value;
  };
}
