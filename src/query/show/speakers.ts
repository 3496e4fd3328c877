/** The BGP sessions of MetalLB's speakers. */
import type { Cluster } from '../../cluster/cluster.ts';
import { metalLbSessions } from '../../compile/metallb/bgp.ts';
import { plain } from '../../lib/quote.ts';
import { printIp } from '../../net/address.ts';
import { printColumns } from './table.ts';

/** A table of the sessions of one node, or of all; empty where no speaker has a peer. */
export function printSpeakers(cluster: Cluster, node: string | undefined): string {
  const sessions = cluster.settings.nodes
    .filter(({ name }) => node === undefined || name === node)
    .flatMap((one) => metalLbSessions(cluster, one));
  if (sessions.length === 0) return '';
  return printColumns([
    ['SPEAKER', 'PEER', 'ADDRESS', 'ASN', 'STATE'],
    ...sessions.map(({ node: speaker, peer, established }) => [
      plain(speaker),
      plain(peer.name),
      printIp(peer.address),
      peer.peerAsn === undefined ? '<unknown>' : String(peer.peerAsn),
      established ? 'Established' : 'Active',
    ]),
  ]);
}
