/** The way from one machine to a Pod, without the names and addresses of the Pod and its node. */
import { nodeAddresses } from '../../cluster/node-networks.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { nodeSubnet } from '../../compile/cni/network.ts';
import type { ExplainContext } from '../../explain/context.ts';
import type { Netns } from '../../kernel/netns.ts';
import { fibLookup } from '../../kernel/route/fib.ts';
import type { Route } from '../../kernel/route/route.ts';
import { compareIp, familyOf, type IpAddr } from '../../net/address.ts';
import { contains, network, printPrefix } from '../../net/prefix.ts';
import { kindText } from './kind-text.ts';

export type End = {
  readonly ip: IpAddr;
  readonly node: NodeSettings;
  /** The node's end of the pair that leads to the Pod alone; undefined where it shares a bridge with others. */
  readonly device: string | undefined;
};

/** Equal texts: the same way. undefined: not the way that its node is reached by otherwise. */
export function wayTo(netns: Netns, end: End, isHere: boolean, context: ExplainContext): string | undefined {
  const found = fibLookup(netns, { src: undefined, dst: end.ip, mark: 0, iif: 'lo' });
  if (found.kind !== 'route' || found.route.type !== 'unicast' || found.nexthops.length !== 1) return undefined;
  const [hop] = found.nexthops;
  if (hop === undefined) return undefined;
  const { destination, nexthops: _, origin: _origin, ...rest } = found.route;
  const { via, device, ...more } = hop;
  const relation = isHere
    ? via === undefined
      ? 'link'
      : undefined
    : via === undefined
      ? undefined
      : relationOf(via, found.route, end, context);
  if (relation === undefined) return undefined;
  // The bridge of all its Pods, or a device that is the Pod's own and must be called as such.
  const own = isHere && end.device !== undefined;
  if (own && device !== end.device) return undefined;
  const far = isHere && !own ? printPrefix(destination) : '';
  return kindText([relation, own ? '' : device, rest, more, far]);
}

/** How the next hop belongs to the Pod's node. */
function relationOf(via: IpAddr, route: Route, { ip, node }: End, context: ExplainContext): string | undefined {
  if (nodeAddresses(node).some(({ addr }) => isSame(addr, via))) return 'node';
  const origin = route.origin === undefined ? undefined : context.origins.get(route.origin);
  if (origin?.role === 'bgp-route' && origin.kind === 'Node' && origin.name === node.name) return 'tunnel';
  const { cluster } = context;
  const subnet = cluster === undefined ? undefined : nodeSubnet(cluster, node.name, familyOf(ip));
  if (subnet === undefined || !contains(subnet, ip)) return undefined;
  return isSame(network(subnet).addr, via) && printPrefix(network(subnet)) === printPrefix(route.destination)
    ? 'subnet'
    : undefined;
}

function isSame(a: IpAddr, b: IpAddr): boolean {
  return typeof a === typeof b && compareIp(a, b) === 0;
}
