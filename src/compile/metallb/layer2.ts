/** MetalLB in layer-2 mode: for each load balancer address one node answers ARP and NDP (speaker/layer2_controller.go). */
import { hash } from 'node:crypto';
import type { Cluster } from '../../cluster/cluster.ts';
import { advertises } from '../../cluster/metallb/metallb.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { lazy } from '../../lib/lazy.ts';
import { type IpAddr, printIp } from '../../net/address.ts';
import type { Parts } from '../parts.ts';
import { type Announced, announcedAddresses, nodeMatches } from './announce.ts';

/** An address and the node that answers for it. */
export type Layer2Responder = { readonly ip: IpAddr; readonly node: NodeSettings };

const responders = new WeakMap<Cluster, () => readonly Layer2Responder[]>();

/** Every address that somebody answers for; computed once for a cluster. */
export function layer2Responders(cluster: Cluster): readonly Layer2Responder[] {
  let known = responders.get(cluster);
  if (known === undefined) {
    known = lazy(() =>
      announcedAddresses(cluster).flatMap((announced) => {
        const node = elect(cluster, announced);
        return node === undefined ? [] : [{ ip: announced.ip, node }];
      }),
    );
    responders.set(cluster, known);
  }
  return known();
}

/** The addresses this node's speaker answers for. */
export function layer2Parts(cluster: Cluster, node: NodeSettings): Parts {
  const arpResponders = layer2Responders(cluster)
    .filter((responder) => responder.node === node)
    .map(({ ip }) => ({ device: node.interface, ip }));
  return arpResponders.length === 0 ? {} : { arpResponders };
}

/**
 * Among the nodes from which the pool is advertised the winner has the smallest SHA-256 of `NODE#ADDRESS`, where the
 * address is the Service's first. Who wins without having the interface that its advertisements name answers nobody:
 * the election does not look at interfaces.
 */
function elect(cluster: Cluster, { metalLb, service, ip, pool, nodes }: Announced): NodeSettings | undefined {
  const advertisements = metalLb.l2Advertisements.filter((one) => advertises(one, pool));
  const from = (node: NodeSettings) =>
    advertisements.filter(({ nodeSelectors }) => nodeMatches(cluster, nodeSelectors, node.name));
  const first = service.loadBalancerIps[0]?.ip ?? ip;
  const [winner] = nodes
    .filter((node) => from(node).length > 0)
    .map((node) => ({ node, rank: hash('sha256', `${node.name}#${printIp(first)}`, 'hex') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  if (winner === undefined) return undefined;
  const { node } = winner;
  const heard = from(node).some(({ interfaces }) => interfaces.length === 0 || interfaces.includes(node.interface));
  return heard ? node : undefined;
}
