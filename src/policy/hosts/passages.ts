/**
 * Where a connection passes devices of nodes: there host endpoints are asked. Policies alone know no routes; this is the way
 * that Calico's own routes lead, and what comes from outside is taken to arrive at the node of its Pod.
 */
import { ipPools, poolOf } from '../../cluster/calico-pools.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeAddress } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { familyOf } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import { type End, isHost } from '../end.ts';
import { tunnelTowards } from '../node-end.ts';
import { cardsAsk, podAnswers, podAsks } from './discovery.ts';
import { TUNNELS, vxlanTunnel } from './governed-devices.ts';
import type { Passage, Tunnel } from './passage.ts';

/** In the order in which the first packet meets them; empty where it stays in one Pod. */
export function passagesOf(cluster: Cluster, source: End, destination: End): readonly Passage[] {
  if (source.pod !== undefined && source.pod === destination.pod) return [];
  const [from, to] = [nodeNamed(cluster, source.node), nodeNamed(cluster, destination.node)];
  if (from !== undefined && from === to) return withinNode(from, source, destination);
  const tunnel = from === undefined || to === undefined ? undefined : tunnelTowards(cluster, from, to, destination.ip);
  const seen = asSeenBehind(cluster, from, source, destination);
  const outer = aroundIt(from, to, tunnel, destination);
  const onCard = outer?.ends ?? { source: seen, destination };
  return [
    ...(from === undefined ? [] : leave(from, source, destination, tunnel)),
    ...(outer?.leaving ?? []),
    ...cardsAsk(from, to, onCard.source, onCard.destination),
    ...(outer?.arriving ?? []),
    ...(to === undefined ? [] : arrive(to, seen, destination, tunnel)),
  ];
}

function arrive(node: NodeSettings, source: End, destination: End, tunnel: Tunnel | undefined): readonly Passage[] {
  const base = { node: node.name, source, destination };
  if (isHost(destination)) return [{ ...base, device: node.interface, direction: 'ingress', way: 'own' }];
  return [
    { ...base, device: deviceOf(node, tunnel, destination), direction: 'ingress', way: 'forwarded' },
    { ...base, device: undefined, direction: 'egress', way: 'forwarded' },
    ...podAnswers(node, destination),
  ];
}

const NODES = new WeakMap<Cluster, ReadonlyMap<string, NodeSettings>>();

/** Looked up for every pair of classes of a large cluster. */
function nodeNamed(cluster: Cluster, name: string | undefined): NodeSettings | undefined {
  if (name === undefined) return undefined;
  const nodes = NODES.get(cluster) ?? new Map(cluster.settings.nodes.map((node) => [node.name, node]));
  NODES.set(cluster, nodes);
  return nodes.get(name);
}

/** A node reaches its own Pods without any policy of its own; itself it reaches through `lo`. */
function withinNode(node: NodeSettings, source: End, destination: End): readonly Passage[] {
  const base = { node: node.name, source, destination };
  if (isHost(source)) {
    if (!isHost(destination)) return podAnswers(node, destination);
    return [
      { ...base, device: 'lo', direction: 'egress', way: 'own' },
      { ...base, device: 'lo', direction: 'ingress', way: 'own' },
    ];
  }
  const arrives: Passage = {
    ...base,
    ...{ device: undefined, direction: 'ingress', way: isHost(destination) ? 'own' : 'forwarded' },
  };
  if (isHost(destination)) return [...podAsks(node, source), arrives];
  return [
    ...podAsks(node, source),
    arrives,
    { ...base, device: undefined, direction: 'egress', way: 'forwarded' },
    ...podAnswers(node, destination),
  ];
}

function leave(node: NodeSettings, source: End, destination: End, tunnel: Tunnel | undefined): readonly Passage[] {
  const base = { node: node.name, source, destination };
  const device = deviceOf(node, tunnel, destination);
  if (isHost(source)) return [{ ...base, device, direction: 'egress', way: 'own' }];
  return [
    ...podAsks(node, source),
    { ...base, device: undefined, direction: 'ingress', way: 'forwarded' },
    { ...base, device, direction: 'egress', way: 'forwarded' },
  ];
}

function deviceOf(node: NodeSettings, tunnel: Tunnel | undefined, { ip }: End): string {
  if (tunnel === undefined) return node.interface;
  return tunnel === 'ipip' ? TUNNELS.ipip : vxlanTunnel(familyOf(ip));
}

/** Packets that leave the Pod network for elsewhere get the node's address, if the Pod's pool says so (natOutgoing). */
function asSeenBehind(cluster: Cluster, node: NodeSettings | undefined, source: End, destination: End): End {
  if (node === undefined || source.pod === undefined) return source;
  const pools = ipPools(cluster);
  const masquerades = pools.some(({ cidr, natOutgoing }) => natOutgoing && contains(cidr, source.ip));
  if (!masquerades || poolOf(pools, destination.ip) !== undefined) return source;
  const own = nodeAddress(node, familyOf(source.ip));
  return own === undefined ? source : { ip: own.addr, node: node.name };
}

/** The packet of the tunnel on the cards of both nodes. */
function aroundIt(
  from: NodeSettings | undefined,
  to: NodeSettings | undefined,
  way: Tunnel | undefined,
  { ip }: End,
): { readonly ends: Ends; readonly leaving: readonly Passage[]; readonly arriving: readonly Passage[] } | undefined {
  if (from === undefined || to === undefined || way === undefined) return undefined;
  const [here, there] = [from, to].map((node) => nodeAddress(node, familyOf(ip)));
  if (here === undefined || there === undefined) return undefined;
  const ends = { source: { ip: here.addr, node: from.name }, destination: { ip: there.addr, node: to.name } };
  return {
    ends,
    leaving: [{ node: from.name, device: from.interface, direction: 'egress', way, ...ends }],
    arriving: [{ node: to.name, device: to.interface, direction: 'ingress', way, ...ends }],
  };
}

type Ends = Pick<Passage, 'source' | 'destination'>;
