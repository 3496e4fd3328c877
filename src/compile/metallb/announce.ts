/** Which addresses MetalLB announces, and which nodes may (speaker: main.go, layer2_controller.go, bgp_controller.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import { type AddressPool, type MetalLb, poolHolding, selectsNode } from '../../cluster/metallb/metallb.ts';
import type { LabelSelector, Labels, Service } from '../../cluster/objects.ts';
import { labelOf } from '../../cluster/selector.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { IpAddr } from '../../net/address.ts';

export type Announced = {
  readonly metalLb: MetalLb;
  readonly service: Service;
  readonly ip: IpAddr;
  readonly pool: AddressPool;
  /**
   * Nodes whose speakers may announce it: not excluded, and with externalTrafficPolicy Local with an endpoint of their own.
   * A Service of which nothing can serve is announced by nobody.
   */
  readonly nodes: readonly NodeSettings[];
};

/** Every address of a pool that a LoadBalancer Service has. */
export function announcedAddresses(cluster: Cluster): readonly Announced[] {
  const { metalLb } = cluster;
  if (metalLb === undefined) return [];
  return cluster.services.flatMap((service) => {
    if (service.loadBalancerIps.length === 0) return [];
    const nodes = announcers(cluster, service);
    return service.loadBalancerIps.flatMap(({ ip }) => {
      const pool = poolHolding(metalLb, ip);
      return pool === undefined ? [] : [{ metalLb, service, ip, pool, nodes }];
    });
  });
}

/** A speaker runs on every node: its DaemonSet tolerates the taint of control planes. */
function announcers(cluster: Cluster, service: Service): readonly NodeSettings[] {
  // EndpointCanServe(): ready, or still serving while it ends.
  const serving = cluster
    .slicesOf(service)
    .flatMap(({ endpoints }) => endpoints.filter((endpoint) => endpoint.ready || endpoint.serving));
  if (serving.length === 0) return [];
  const local = new Set(serving.map(({ node }) => node));
  return cluster.settings.nodes.filter(
    ({ name }) =>
      labelOf(labelsOf(cluster, name), 'node.kubernetes.io/exclude-from-external-load-balancers') === undefined &&
      (service.externalTrafficPolicy === 'Cluster' || local.has(name)),
  );
}

export function nodeMatches(cluster: Cluster, selectors: readonly LabelSelector[], node: string): boolean {
  return selectsNode(selectors, labelsOf(cluster, node));
}

function labelsOf(cluster: Cluster, node: string): Labels {
  return cluster.node(node)?.labels ?? {};
}
