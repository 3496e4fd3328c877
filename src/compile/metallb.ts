/** MetalLB in layer-2 mode: one node's speaker answers ARP for each load balancer address (speaker/layer2_controller.go). */
import { createHash } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import type { Service } from '../cluster/objects.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import { type IpAddr, printIp } from '../net/address.ts';
import { contains } from '../net/prefix.ts';
import type { Parts } from './parts.ts';

/** The addresses this node's speaker answers for. */
export function metalLbParts(cluster: Cluster, node: NodeSettings): Parts {
  if (cluster.settings.loadBalancer.provider !== 'metallb' || cluster.settings.loadBalancer.mode !== 'layer2')
    return {};
  const arpResponders = cluster.services
    .flatMap((service) => service.loadBalancerIps.map(({ ip }) => ({ service, ip })))
    .filter(({ service, ip }) => announcingNode(cluster, service, ip)?.name === node.name)
    .map(({ ip }) => ({ device: node.interface, ip }));
  return { arpResponders };
}

/**
 * Which node announces the address. Candidates are the nodes without the exclude label on whose network the address
 * lies, with externalTrafficPolicy Local those with a ready endpoint of the Service; a Service without any usable
 * endpoint is not announced. The winner has the smallest SHA-256 of "NODE#ADDRESS".
 */
export function announcingNode(cluster: Cluster, service: Service, ip: IpAddr): NodeSettings | undefined {
  const endpoints = cluster.slicesOf(service).flatMap((slice) => slice.endpoints.filter((e) => e.ready));
  if (endpoints.length === 0) return undefined;
  const local = new Set(endpoints.map((e) => e.node));
  const candidates = cluster.settings.nodes.filter(
    (node) =>
      contains(node.address, ip) &&
      cluster.node(node.name)?.labels['node.kubernetes.io/exclude-from-external-load-balancers'] === undefined &&
      (service.externalTrafficPolicy === 'Cluster' || local.has(node.name)),
  );
  const ranked = candidates.map((node) => ({
    node,
    hash: createHash('sha256')
      .update(`${node.name}#${printIp(ip)}`)
      .digest('hex'),
  }));
  return ranked.sort((a, b) => (a.hash < b.hash ? -1 : 1))[0]?.node;
}
