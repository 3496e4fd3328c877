/** Service ports of one family with their endpoints, and the real servers that a node puts behind their addresses. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { RealServer } from '../../../kernel/ipvs/virtual-server.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import type { Family } from '../../../net/address.ts';
import type { OriginRole } from '../../origin.ts';
import { endpointsForNode, type ProxyEndpoint, type ProxyEndpoints, proxyEndpoints } from '../endpoints.ts';
import type { ProxyOrigins } from '../iptables/origins.ts';
import { type EndpointSelection, type NodeTopology, selectEndpoints } from '../select-endpoints.ts';
import { type ProxyServicePort, proxyServicePorts } from '../service-port.ts';

export type ServiceEntry = {
  readonly port: ProxyServicePort;
  readonly endpoints: ProxyEndpoints;
  /** Nodes may choose different endpoints for it. */
  readonly differs: boolean;
  /** What every node chooses, where they do not differ. */
  readonly anywhere: Lazy<Servers>;
};

/** Behind the cluster IP, and behind every other address. */
export type Servers = { readonly internal: ServerList; readonly external: ServerList };
export type ServerList = {
  readonly servers: readonly RealServer[] /** What an empty list means. */;
  readonly role: OriginRole;
};

const ANY_NODE: NodeTopology = { name: '', zone: undefined, nodeHints: false };

export function serviceEntries(cluster: Cluster, family: Family, origins: ProxyOrigins): readonly ServiceEntry[] {
  return proxyServicePorts(cluster, family).map((port): ServiceEntry => {
    const endpoints = proxyEndpoints(cluster, port);
    const { hasHints, hasDuplicates } = endpoints;
    const entry = { port, endpoints, differs: port.usesLocalEndpoints || hasHints || hasDuplicates };
    return { ...entry, anywhere: lazy(() => serversOn(entry, ANY_NODE, origins)) };
  });
}

/** syncEndpoint(): with a policy Local the node's own endpoints, or all when it has none. */
export function serversOn(
  { port, endpoints }: Pick<ServiceEntry, 'port' | 'endpoints'>,
  node: NodeTopology,
  origins: ProxyOrigins,
): Servers {
  const known = endpointsForNode(endpoints, node.name);
  const selection = selectEndpoints(known, port, node);
  const listOf = (local: boolean): ServerList => {
    const chosen = local && selection.local.length > 0 ? selection.local : selection.cluster;
    return { servers: realServers(port, chosen, known, origins), role: roleOf(chosen, selection, known) };
  };
  const internal = listOf(port.internalPolicyLocal);
  return {
    internal,
    external: port.externalPolicyLocal === port.internalPolicyLocal ? internal : listOf(port.externalPolicyLocal),
  };
}

function roleOf(
  chosen: readonly ProxyEndpoint[],
  selection: EndpointSelection,
  known: readonly ProxyEndpoint[],
): OriginRole {
  if (chosen.length > 0) return 'service';
  if (selection.hasAny) return 'service-no-local-endpoints';
  return known.length > 0 ? 'service-no-ready-endpoints' : 'service-no-endpoints';
}

/**
 * Real servers have weight 1. GracefulTerminationManager: an endpoint that is going keeps its connections with weight 0
 * until they end, but for UDP and SCTP.
 */
function realServers(
  port: ProxyServicePort,
  chosen: readonly ProxyEndpoint[],
  known: readonly ProxyEndpoint[],
  origins: ProxyOrigins,
): readonly RealServer[] {
  const used = new Set(chosen);
  const leaving = port.protocol === 'tcp' ? known.filter((one) => one.endpoint.terminating && !used.has(one)) : [];
  const server = (endpoint: ProxyEndpoint, weight: number): RealServer => ({
    address: endpoint.endpoint.ip,
    port: endpoint.port,
    method: 'masquerade',
    weight,
    upper: 0,
    lower: 0,
    origin: origins.ofEndpoint(endpoint),
  });
  return [...chosen.map((endpoint) => server(endpoint, 1)), ...leaving.map((endpoint) => server(endpoint, 0))];
}
