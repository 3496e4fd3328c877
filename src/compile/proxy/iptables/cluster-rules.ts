/**
 * All rules of one family. What is the same on every node is built once and shared, chain objects included: whoever
 * keeps parsed rules by chain parses 10,000 Services once, not once for each node.
 */
import type { Cluster } from '../../../cluster/cluster.ts';
import { isAtLeast } from '../../../cluster/kubernetes-version.ts';
import type { TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainGroup, ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy, memoize, memoizeBy } from '../../../lib/lazy.ts';
import { type Family, printIp } from '../../../net/address.ts';
import type { OriginTable } from '../../origin.ts';
import type { Decisions } from '../decisions.ts';
import { endpointsForNode, type ProxyEndpoints } from '../endpoints.ts';
import { type LocalDetector, localDetector } from '../local-detector.ts';
import { nodeAddress } from '../node-address.ts';
import { type NodePortAddresses, nodePortAddresses } from '../node-port-addresses.ts';
import { nodeTopology } from '../node-topology.ts';
import { ANY_NODE, type Outcome, outcomeOn, type ServiceEntry, serviceEntries } from '../service-entries.ts';
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
  readonly used: boolean;
  /** `localhost`: NodePorts work on 127.0.0.1, which takes route_localnet. */
  node(name: string): { readonly iptables: IptablesSpec; readonly localhost: boolean };
};

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

  const services = serviceEntries(cluster, family);
  const { all: entries, differing, decisionsAnywhere } = services;
  const large = lazy(() => entries.reduce((sum, { endpoints }) => sum + countOf(endpoints), 0) > LARGE_CLUSTER);

  const contextOf = (detector: LocalDetector | undefined) => ({
    detector,
    masqueradeAll: settings.proxy.masqueradeAll,
    large,
    nodeIp: undefined,
    origins,
  });

  /** Chains of the Services in which nodes do not differ, by what the local detector says. */
  const sharedChains = memoizeBy(
    (detector: LocalDetector | undefined) => detector?.ifLocal.join(' ') ?? '',
    (detector): ChainGroup => {
      const context = contextOf(detector);
      return serviceChainGroup(services.alike, (entry) =>
        serviceChains(entry.port, outcomeOn(entry, ANY_NODE).selection, decisionsAnywhere(entry), context),
      );
    },
  );

  const sharedRules = lazy(
    () =>
      new Map(
        entries.map((entry) => [
          entry,
          lazy(() => dispatchRules(entry.port, decisionsAnywhere(entry), origins, countsLocalhost)),
        ]),
      ),
  );
  /** Rules of one Service in which nodes differ: there are at most eight forms of them. */
  const ownRules = memoize((entry: ServiceEntry) =>
    memoizeBy(keyOfDecisions, (decisions) => dispatchRules(entry.port, decisions, origins, countsLocalhost)),
  );

  /** The chains that lead to all Services, by what the node sees of those in which nodes differ. */
  const dispatchChains = memoizeBy(
    ({ own, addresses }: DispatchInput) =>
      `${[...own.values()].map(({ decisions }) => keyOfDecisions(decisions)).join('')} ${keyOfAddresses(addresses)}`,
    ({ own, addresses }): readonly ChainSpec[] => {
      const all = lazy((): readonly DispatchRules[] =>
        entries.flatMap((entry) => {
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
    used: services.used,
    node(name) {
      const node = nodes().get(name);
      const topology = nodeTopology(cluster, name);
      const own = new Map(differing.map((entry) => [entry, outcomeOn(entry, topology)]));
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

type DispatchInput = { readonly own: ReadonlyMap<ServiceEntry, Outcome>; readonly addresses: NodePortAddresses };

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
