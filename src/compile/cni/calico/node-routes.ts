/** Routes of a node to the blocks of Calico: its own, those of other nodes, and addresses borrowed from them. */

import { type EncapsulationMode, type Pool, poolOf } from '../../../cluster/calico-pools.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Nexthop, type Route, TABLE_MAIN } from '../../../kernel/route/route.ts';
import { type Family, familyOf, type IpAddr } from '../../../net/address.ts';
import { contains, hostPrefix, network, type Prefix, printPrefix } from '../../../net/prefix.ts';
import { routeLearner } from './bgp-routes.ts';
import type { CalicoContext } from './context.ts';

export const TUNL0 = 'tunl0';

/** felix/dataplane/linux: VXLANIfaceNameV4 and VXLANIfaceNameV6. */
export function vxlanDevice(family: Family): string {
  return family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico';
}

/** BIRD programs what BGP brings; Felix the routes of VXLAN and, since 3.33, of IPIP. */
type Programmer = 'bird' | 'felix';
const PROTOCOLS: Readonly<Record<Programmer, string>> = { bird: 'bird', felix: '80' };
const FELIX_IPIP_SINCE = 33;

export function blockRoutes(context: CalicoContext, node: NodeSettings): readonly Route[] {
  return [...ownBlocks(context, node), ...remoteBlocks(context, node)];
}

/** A packet to an address that no workload holds ends here instead of leaving by the default route. */
function ownBlocks({ blocks, pools, version, origins }: CalicoContext, node: NodeSettings): readonly Route[] {
  return blocks
    .of(node.name)
    .filter(({ addr, bits }) => bits < hostPrefix(addr).bits)
    .map((cidr) => ({
      destination: cidr,
      table: TABLE_MAIN,
      metric: routeMetric(cidr),
      scope: 'global',
      protocol: PROTOCOLS[programmer(poolOf(pools, cidr.addr), version.minor)],
      type: 'blackhole',
      origin: origins.block(node.name),
    }));
}

function remoteBlocks(context: CalicoContext, node: NodeSettings): readonly Route[] {
  if (context.bgp.isFullMesh) {
    return routesOfAlike(context, node).flatMap(({ owner, routes }) => (owner === node.name ? [] : routes));
  }
  const learns = routeLearner(context.bgp, { kind: 'node', node });
  return context.nodes
    .filter(({ name }) => name !== node.name)
    .flatMap((owner) => routesTo(context, node, owner, learns(owner)));
}

/** Routes to one node's blocks. BIRD programs only what was learnt. */
function routesTo(context: CalicoContext, node: NodeSettings, owner: NodeSettings, learned: boolean): readonly Route[] {
  const { blocks, pools, version, origins } = context;
  return destinationsOf(context, owner.name).flatMap((destination) => {
    const pool = poolOf(pools, destination.addr);
    const by = programmer(pool, version.minor);
    if (by === 'bird' && !learned) return [];
    const vtep = pool?.vxlan === 'Never' ? undefined : blocks.tunnelAddress(owner);
    return [sharedRoute({ destination, pool, node, owner, vtep, by }, () => origins.remoteBlock(owner.name))];
  });
}

type RoutesToOwner = { readonly owner: string; readonly routes: readonly Route[] };

/** By context, and by what a node's routes depend on beside their owner: its device, its network and its gateway. */
const alike = new WeakMap<CalicoContext, Map<string, readonly RoutesToOwner[]>>();

/** In a full mesh nodes of one network have the same routes but for their own blocks: worked out once for 5,000 of them. */
function routesOfAlike(context: CalicoContext, node: NodeSettings): readonly RoutesToOwner[] {
  let kept = alike.get(context);
  if (kept === undefined) {
    kept = new Map();
    alike.set(context, kept);
  }
  const key = `${node.interface} ${printPrefix(network(node.address))} ${node.gateway ?? ''}`;
  let routes = kept.get(key);
  if (routes === undefined) {
    routes = context.nodes.map((owner) => ({ owner: owner.name, routes: routesTo(context, node, owner, true) }));
    kept.set(key, routes);
  }
  return routes;
}

/** What a node announces: its blocks, and single addresses out of other nodes' blocks. */
export function destinationsOf({ blocks }: CalicoContext, node: string): readonly Prefix[] {
  return [...blocks.of(node), ...blocks.borrowedBy(node)];
}

type Target = {
  readonly destination: Prefix;
  readonly pool: Pool | undefined;
  readonly node: NodeSettings;
  readonly owner: NodeSettings;
  readonly vtep: IpAddr | undefined;
  readonly by: Programmer;
};

/**
 * Routes to a block, by what differs between the nodes that have one: the device, and the next hop. In a cluster of 5,000
 * nodes each block is reached in one or two ways, and the routes of all nodes would fill the memory.
 */
const shared = new WeakMap<Prefix, Map<string, Route>>();

function sharedRoute(target: Target, origin: () => OriginId): Route {
  const { destination, node, owner } = target;
  let known = shared.get(destination);
  if (known === undefined) {
    known = new Map();
    shared.set(destination, known);
  }
  const direct = contains(node.address, owner.address.addr);
  const key = direct ? node.interface : `${node.interface} ${node.gateway ?? ''}`;
  let route = known.get(key);
  if (route === undefined) {
    route = { ...routeTo(target), origin: origin() };
    known.set(key, route);
  }
  return route;
}

function routeTo({ destination, pool, node, owner, vtep, by }: Target): Route {
  const via = owner.address.addr;
  const direct = contains(node.address, via);
  const metric = routeMetric(destination);
  const unicast = (protocol: string, nexthop: Nexthop): Route => ({
    destination,
    table: TABLE_MAIN,
    metric,
    scope: 'global',
    protocol,
    type: 'unicast',
    nexthops: [nexthop],
  });
  if (tunnels(pool?.vxlan, direct) && vtep !== undefined) {
    return unicast('boot', { device: vxlanDevice(familyOf(destination.addr)), via: vtep, weight: 1, onlink: true });
  }
  if (tunnels(pool?.ipip, direct)) {
    return unicast(PROTOCOLS[by], { device: TUNL0, via, weight: 1, onlink: true });
  }
  if (direct) {
    return unicast(PROTOCOLS[by], {
      device: node.interface,
      via,
      weight: 1,
      ...(by === 'felix' ? { onlink: true } : {}),
    });
  }
  // "gateway recursive": BIRD resolves the next hop by the kernel's own routes; where there are none it is unreachable.
  if (node.gateway !== undefined)
    return unicast(PROTOCOLS[by], { device: node.interface, via: node.gateway, weight: 1 });
  return { destination, table: TABLE_MAIN, metric, scope: 'global', protocol: PROTOCOLS[by], type: 'unreachable' };
}

/** The kernel gives IPv6 routes that name no metric this one (IP6_RT_PRIO_USER). */
export function routeMetric({ addr }: Prefix): number {
  return familyOf(addr) === 4 ? 0 : 1024;
}

function tunnels(mode: EncapsulationMode | undefined, direct: boolean): boolean {
  return mode === 'Always' || (mode === 'CrossSubnet' && !direct);
}

export function programmer(pool: Pool | undefined, minor: number): Programmer {
  if (pool === undefined) return 'bird';
  return pool.vxlan !== 'Never' || (pool.ipip !== 'Never' && minor >= FELIX_IPIP_SINCE) ? 'felix' : 'bird';
}
