/** BGP between Calico's nodes and with speakers outside: which sessions are configured and which come up. */

import { calicoSettings } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import type { BgpPeer } from '../../../cluster/objects.ts';
import { selects } from '../../../cluster/policy/selector.ts';
import { parseSelector } from '../../../cluster/policy/selector-parse.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import { memoize } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../../../net/address.ts';

/** A node of the cluster, or a router outside that some BGPPeer names by its address. */
export type Speaker =
  | { readonly kind: 'node'; readonly node: NodeSettings }
  | { readonly kind: 'outside'; readonly address: IpAddr; readonly asNumber: number };

type PeerType = 'node-to-node mesh' | 'global' | 'node specific';

/** Why a session is not established. */
export type SessionProblem =
  | { readonly kind: 'down' }
  | { readonly kind: 'bad-peer-as'; readonly expected: number; readonly actual: number }
  /** The other side has no peering with this one. */
  | { readonly kind: 'not-configured-there' };

export type Session = {
  readonly type: PeerType;
  readonly peer: Speaker;
  /** undefined: established. */
  readonly problem: SessionProblem | undefined;
};

type Peering = { readonly type: PeerType; readonly asNumber: number };

/** One family's routes are exchanged between that family's addresses: bird and bird6 are two programs. */
export class BgpNetwork {
  readonly #nodes: readonly NodeSettings[];
  readonly #peers: readonly BgpPeer[];
  readonly #mesh: boolean;
  readonly #asNumber: number;
  readonly #faults: ReadonlySet<string>;
  readonly #nodeByAddress: ReadonlyMap<IpAddr, NodeSettings>;
  readonly #selects: (selector: string) => (node: string) => boolean;
  /** Speakers outside the cluster, in order of the BGPPeers that name them. */
  readonly outside: readonly (Speaker & { readonly kind: 'outside' })[];
  /** Nodes with a route reflector cluster id. */
  readonly reflectors: readonly NodeSettings[];

  /** @param nodes those with an address of the family, and that address */
  constructor(cluster: Cluster, nodes: readonly NodeSettings[], family: Family) {
    const settings = calicoSettings(cluster);
    this.#nodes = nodes;
    this.#peers = cluster.bgpPeers.filter(({ peerIp }) => peerIp === undefined || familyOf(peerIp) === family);
    this.#mesh = cluster.bgpConfiguration?.nodeToNodeMeshEnabled ?? settings.bgp.nodeToNodeMesh;
    this.#asNumber = cluster.bgpConfiguration?.asNumber ?? settings.bgp.asNumber;
    this.#faults = new Set(
      cluster.settings.bgpFaults.flatMap(({ node, peer }) => [`${node} ${peer}`, `${peer} ${node}`]),
    );
    this.#nodeByAddress = new Map(this.#nodes.map((node) => [node.address.addr, node]));
    this.#selects = memoize((selector: string) => {
      const parsed = parseSelector(selector);
      return memoize((name: string) => {
        const labels = new Map(Object.entries(cluster.node(name)?.labels ?? {}));
        return parsed.ok && selects(parsed.value, (label) => labels.get(label));
      });
    });
    this.reflectors = this.#nodes.filter(({ routeReflectorClusterId }) => routeReflectorClusterId !== undefined);
    const addresses = new Map<IpAddr, number>();
    for (const { peerIp, asNumber } of this.#peers) {
      if (peerIp === undefined || this.#nodeByAddress.has(peerIp) || addresses.has(peerIp)) continue;
      addresses.set(peerIp, asNumber ?? this.#asNumber);
    }
    this.outside = [...addresses].map(([address, asNumber]) => ({ kind: 'outside', address, asNumber }));
  }

  /** Whether every node has an established session with every other one: nothing needs to be asked of single sessions. */
  get isFullMesh(): boolean {
    return this.#mesh && this.reflectors.length === 0 && this.#faults.size === 0;
  }

  asNumberOf(speaker: Speaker): number {
    return speaker.kind === 'outside' ? speaker.asNumber : (speaker.node.asNumber ?? this.#asNumber);
  }

  /** The session of a node with another speaker; undefined where the node has no such peering. */
  session(local: NodeSettings, peer: Speaker): Session | undefined {
    const peering = this.#peering(local, peer);
    if (peering === undefined) return undefined;
    return { type: peering.type, peer, problem: this.#problem(local, peer, peering) };
  }

  /** Whether two speakers exchange routes. Of speakers outside only what the nodes say is known. */
  connected(a: Speaker, b: Speaker): boolean {
    if (a.kind === 'outside' && b.kind === 'outside') return false;
    if (a.kind === 'outside') return this.connected(b, a);
    const session = this.session(a.node, b);
    return session !== undefined && session.problem === undefined;
  }

  /** A node's sessions as BIRD lists them: the mesh by node name, then global peers, then the node's own. */
  sessionsOf(local: NodeSettings): readonly Session[] {
    const speakers: Speaker[] = this.#nodes
      .filter(({ name }) => name !== local.name)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((node) => ({ kind: 'node', node }));
    const sessions = [...speakers, ...this.outside].flatMap((peer) => this.session(local, peer) ?? []);
    return PEER_TYPES.flatMap((type) => sessions.filter((session) => session.type === type));
  }

  #peering(local: NodeSettings, peer: Speaker): Peering | undefined {
    if (peer.kind === 'node') {
      if (peer.node.name === local.name) return undefined;
      if (this.#inMesh(local) && this.#inMesh(peer.node)) {
        return { type: 'node-to-node mesh', asNumber: this.asNumberOf(peer) };
      }
    }
    for (const bgpPeer of this.#peers) {
      const asNumber = bgpPeer.peerIp === undefined ? this.asNumberOf(peer) : (bgpPeer.asNumber ?? this.#asNumber);
      if (this.#isLocalSide(bgpPeer, local) && this.#isRemoteSide(bgpPeer, peer)) {
        const global = bgpPeer.node === undefined && bgpPeer.nodeSelector === undefined;
        return { type: global ? 'global' : 'node specific', asNumber };
      }
      // Peers chosen by a selector are Calico's own nodes and get the peering in return (confd: updatePeersV1).
      if (bgpPeer.peerSelector === undefined || peer.kind === 'outside') continue;
      if (this.#isLocalSide(bgpPeer, peer.node) && this.#isRemoteSide(bgpPeer, { kind: 'node', node: local })) {
        return { type: 'node specific', asNumber };
      }
    }
    return undefined;
  }

  /** A node with a cluster id takes no part in the mesh (confd's bird.cfg template). */
  #inMesh(node: NodeSettings): boolean {
    return this.#mesh && node.routeReflectorClusterId === undefined;
  }

  #isLocalSide({ node, nodeSelector }: BgpPeer, local: NodeSettings): boolean {
    if (node !== undefined) return node === local.name;
    return nodeSelector === undefined || this.#selects(nodeSelector)(local.name);
  }

  #isRemoteSide({ peerIp, peerSelector }: BgpPeer, peer: Speaker): boolean {
    const address = peer.kind === 'outside' ? peer.address : peer.node.address.addr;
    if (peerIp !== undefined) return peerIp === address;
    return peer.kind === 'node' && peerSelector !== undefined && this.#selects(peerSelector)(peer.node.name);
  }

  /** A fault names each end by its name or its address. */
  #isDown(local: NodeSettings, peer: Speaker): boolean {
    if (this.#faults.size === 0) return false;
    const address = printIp(peer.kind === 'outside' ? peer.address : peer.node.address.addr);
    const names = peer.kind === 'node' ? [peer.node.name, address] : [address];
    const own = [local.name, printIp(local.address.addr)];
    return own.some((a) => names.some((b) => this.#faults.has(`${a} ${b}`)));
  }

  #problem(local: NodeSettings, peer: Speaker, peering: Peering): SessionProblem | undefined {
    if (this.#isDown(local, peer)) return { kind: 'down' };
    const actual = this.asNumberOf(peer);
    if (peering.asNumber !== actual) return { kind: 'bad-peer-as', expected: peering.asNumber, actual };
    if (peer.kind === 'outside') return undefined;
    const back = this.#peering(peer.node, { kind: 'node', node: local });
    if (back === undefined) return { kind: 'not-configured-there' };
    const mine = this.asNumberOf({ kind: 'node', node: local });
    return back.asNumber === mine ? undefined : { kind: 'bad-peer-as', expected: back.asNumber, actual: mine };
  }
}

const PEER_TYPES: readonly PeerType[] = ['node-to-node mesh', 'global', 'node specific'];
