/** Load balancer addresses for which no speaker answers, and why: a client only sees that nobody is there. */
import type { Cluster } from '../../cluster/cluster.ts';
import { advertises } from '../../cluster/metallb/metallb.ts';
import { printIp } from '../../net/address.ts';
import type { Note } from '../parts.ts';
import { type Announced, announcedAddresses } from './announce.ts';

export function unannouncedNotes(cluster: Cluster): readonly (Note & { readonly about: string })[] {
  return announcedAddresses(cluster).flatMap((announced) => {
    const why = reason(announced);
    if (why === undefined) return [];
    const { service, ip } = announced;
    const about = `Service ${service.namespace}/${service.name}`;
    const message = `MetalLB does not announce ${printIp(ip)} of ${about}: ${why}`;
    return [{ code: 'LOADBALANCER_NOT_ANNOUNCED', message, about }];
  });
}

function reason({ metalLb, pool, nodes }: Announced): string | undefined {
  const all = [...metalLb.l2Advertisements, ...metalLb.bgpAdvertisements];
  if (!all.some((advertisement) => advertises(advertisement, pool)))
    return `no advertisement is of the address pool ${pool.name}`;
  const byLayer2 = metalLb.l2Advertisements.some((advertisement) => advertises(advertisement, pool));
  if (!byLayer2 && metalLb.peers.length === 0) return 'no BGPPeer names a router that would learn it';
  return nodes.length === 0 ? 'no endpoint of it can serve on a node that may announce it' : undefined;
}
