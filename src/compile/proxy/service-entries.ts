/** The service ports of one family with what nodes decide about them: what rules of iptables and of nftables are made of. */
import type { Cluster } from '../../cluster/cluster.ts';
import { memoize } from '../../lib/lazy.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { type Decisions, decide } from './decisions.ts';
import { endpointsForNode, type ProxyEndpoints, proxyEndpoints } from './endpoints.ts';
import { type EndpointSelection, type NodeTopology, selectEndpoints } from './select-endpoints.ts';
import { type ProxyServicePort, proxyServicePorts } from './service-port.ts';

export type ServiceEntry = {
  readonly port: ProxyServicePort;
  readonly endpoints: ProxyEndpoints;
  /** Nodes may choose different endpoints, or have rules of their own for it. */
  readonly differs: boolean;
};

export type Outcome = { readonly selection: EndpointSelection; readonly decisions: Decisions };

export type ServiceEntries = {
  readonly all: readonly ServiceEntry[];
  /** Those in which nodes do not differ. */
  readonly alike: readonly ServiceEntry[];
  readonly differing: readonly ServiceEntry[];
  /** Whether the cluster has networks or Services of the family. */
  readonly used: boolean;
  /** What each node decides, where nodes do not differ; kept by entry. */
  readonly decisionsAnywhere: (entry: ServiceEntry) => Decisions;
};

/** Stands for every node where they do not differ. */
export const ANY_NODE: NodeTopology = { name: '', zone: undefined, nodeHints: false };

export function serviceEntries(cluster: Cluster, family: Family): ServiceEntries {
  const { podCIDRs, serviceCIDRs } = cluster.settings;
  const all = proxyServicePorts(cluster, family).map((port): ServiceEntry => {
    const endpoints = proxyEndpoints(cluster, port);
    const { hasHints, hasDuplicates } = endpoints;
    const differs = port.usesLocalEndpoints || hasHints || hasDuplicates || port.sourceRanges.length > 0;
    return { port, endpoints, differs };
  });
  return {
    all,
    alike: all.filter(({ differs }) => !differs),
    differing: all.filter(({ differs }) => differs),
    used: [...podCIDRs, ...serviceCIDRs].some(({ addr }) => familyOf(addr) === family) || all.length > 0,
    decisionsAnywhere: memoize(({ port, endpoints: { usable, count } }: ServiceEntry) =>
      decide(port, { usable, local: false, known: count > 0 }),
    ),
  };
}

/** The endpoints that a node uses, and which chains and elements follow from them. */
export function outcomeOn({ port, endpoints }: ServiceEntry, node: NodeTopology): Outcome {
  const selection = selectEndpoints(endpointsForNode(endpoints, node.name), port, node);
  const facts = { usable: selection.hasAny, local: selection.local.length > 0, known: endpoints.count > 0 };
  return { selection, decisions: decide(port, facts) };
}
