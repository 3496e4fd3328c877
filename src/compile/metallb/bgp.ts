/** MetalLB in BGP mode: what a router that the nodes peer with learns (speaker/bgp_controller.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import { advertises, type MetalLbPeer } from '../../cluster/metallb/metallb.ts';
import { nodeAddresses } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { familyOf, type IpAddr, isIp4, printIp } from '../../net/address.ts';
import { contains, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import { nodeAddress } from '../proxy/node-address.ts';
import { announcedAddresses, nodeMatches } from './announce.ts';

/** An address, or the network that it is announced in, and the nodes that announce it: equally good ways. */
export type LearnedVip = { readonly destination: Prefix; readonly via: readonly IpAddr[] };

/** What the speaker at this address outside the cluster learns; nothing unless a BGPPeer names it. */
export function metalLbRoutes(cluster: Cluster, router: IpAddr): readonly LearnedVip[] {
  const peers = (cluster.metalLb?.peers ?? []).filter(({ address }) => address === router);
  if (peers.length === 0) return [];
  const routes = new Map<string, { readonly destination: Prefix; readonly via: Set<NodeSettings> }>();
  for (const { metalLb, ip, pool, nodes } of announcedAddresses(cluster)) {
    for (const advertisement of metalLb.bgpAdvertisements) {
      if (!advertises(advertisement, pool)) continue;
      const heard = peers.filter(({ name }) => advertisement.peers.length === 0 || advertisement.peers.includes(name));
      const via = nodes.filter(
        (node) =>
          nodeMatches(cluster, advertisement.nodeSelectors, node.name) &&
          heard.some((peer) => hasSession(cluster, node, peer)),
      );
      if (via.length === 0) continue;
      const { aggregationLength, aggregationLengthV6 } = advertisement;
      const destination = network({ addr: ip, bits: isIp4(ip) ? aggregationLength : aggregationLengthV6 });
      const key = printPrefix(destination);
      const route = routes.get(key) ?? { destination, via: new Set() };
      for (const node of via) route.via.add(node);
      routes.set(key, route);
    }
  }
  return [...routes.values()].map(({ destination, via }) => ({
    destination,
    // The next hop of IPv6 is an IPv6 address, whatever the session runs over (RFC 4760 section 3).
    via: [...via].flatMap((node) => nodeAddress(node, familyOf(destination.addr)) ?? []),
  }));
}

export type SpeakerSession = { readonly node: string; readonly peer: MetalLbPeer; readonly established: boolean };

/** What the speaker of a node is configured to talk to, peers in the order of their names. */
export function metalLbSessions(cluster: Cluster, node: NodeSettings): readonly SpeakerSession[] {
  return (cluster.metalLb?.peers ?? [])
    .filter((peer) => nodeMatches(cluster, peer.nodeSelectors, node.name))
    .map((peer) => ({ node: node.name, peer, established: hasSession(cluster, node, peer) }));
}

/** Packets of a session with another AS have TTL 1: without ebgpMultiHop the router must be on the node's own network. */
function hasSession(cluster: Cluster, node: NodeSettings, peer: MetalLbPeer): boolean {
  if (!nodeMatches(cluster, peer.nodeSelectors, node.name)) return false;
  const near = nodeAddresses(node).some(
    (own) => familyOf(own.addr) === familyOf(peer.address) && contains(own, peer.address),
  );
  if (!near && !peer.ebgpMultiHop && peer.peerAsn !== peer.myAsn) return false;
  const names = [node.name, ...nodeAddresses(node).map(({ addr }) => printIp(addr))];
  const address = printIp(peer.address);
  return !cluster.settings.bgpFaults.some(
    (fault) =>
      (names.includes(fault.node) && fault.peer === address) || (names.includes(fault.peer) && fault.node === address),
  );
}
