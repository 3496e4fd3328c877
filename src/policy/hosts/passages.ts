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
import type { Direction } from '../rule-set.ts';
import { TUNNELS, vxlanTunnel } from './governed-devices.ts';

export type Passage = {
  readonly node: string;
  /** undefined: that of a Pod on the node. */
  readonly device: string | undefined;
  readonly direction: Direction;
  /** The machine's own traffic, what it hands on, or the packet of a tunnel that holds the connection's. */
  readonly way: 'own' | 'forwarded' | Tunnel;
  /** As the packet has them there. */
  readonly source: End;
  readonly destination: End;
};

type Tunnel = 'ipip' | 'vxlan';

/** In the order in which the first packet meets them; empty where it stays in one Pod. */
export function passagesOf(cluster: Cluster, source: End, destination: End): readonly Passage[] {
  if (source.pod !== undefined && source.pod === destination.pod) return [];
  const [from, to] = [nodeNamed(cluster, source.node), nodeNamed(cluster, destination.node)];
  const ends = { source, destination };
  if (from !== undefined && from === to) return withinNode(from, source, destination);
  const tunnel = from === undefined || to === undefined ? undefined : tunnelTowards(cluster, from, to, destination.ip);
  const leaving = from === undefined ? [] : leave(from, source, destination, tunnel);
  if (to === undefined) return leaving;
  const seen = { ...ends, source: asSeenBehind(cluster, from, source, destination) };
  const outer = from === undefined ? undefined : tunnelEnds(from, to, destination);
  const arriving: readonly Passage[] = isHost(destination)
    ? [{ node: to.name, device: to.interface, direction: 'ingress', way: 'own', ...seen }]
    : [
        { node: to.name, device: deviceOf(to, tunnel, destination), direction: 'ingress', way: 'forwarded', ...seen },
        { node: to.name, device: undefined, direction: 'egress', way: 'forwarded', ...seen },
      ];
  if (tunnel === undefined || outer === undefined || from === undefined) return [...leaving, ...arriving];
  return [
    ...leaving,
    { node: from.name, device: from.interface, direction: 'egress', way: tunnel, ...outer },
    { node: to.name, device: to.interface, direction: 'ingress', way: tunnel, ...outer },
    ...arriving,
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
    if (!isHost(destination)) return [];
    return [
      { ...base, device: 'lo', direction: 'egress', way: 'own' },
      { ...base, device: 'lo', direction: 'ingress', way: 'own' },
    ];
  }
  const arrives: Passage = {
    ...base,
    ...{ device: undefined, direction: 'ingress', way: isHost(destination) ? 'own' : 'forwarded' },
  };
  return isHost(destination)
    ? [arrives]
    : [arrives, { ...base, device: undefined, direction: 'egress', way: 'forwarded' }];
}

function leave(node: NodeSettings, source: End, destination: End, tunnel: Tunnel | undefined): readonly Passage[] {
  const base = { node: node.name, source, destination };
  const device = deviceOf(node, tunnel, destination);
  if (isHost(source)) return [{ ...base, device, direction: 'egress', way: 'own' }];
  return [
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

function tunnelEnds(
  from: NodeSettings,
  to: NodeSettings,
  { ip }: End,
): Pick<Passage, 'source' | 'destination'> | undefined {
  const [here, there] = [from, to].map((node) => nodeAddress(node, familyOf(ip)));
  if (here === undefined || there === undefined) return undefined;
  return { source: { ip: here.addr, node: from.name }, destination: { ip: there.addr, node: to.name } };
}
