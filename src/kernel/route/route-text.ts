/**
 * Routes in the words of `ip route` (iproute2 6.1, ip/iproute.c print_route()). Lines end without the blank that
 * iproute2 leaves behind the last word. State that a route only has at run time (`linkdown`, `dead`, `offload`) is not
 * printed.
 */
import { compareIp, type Family, familyOf, printIp } from '../../net/address.ts';
import { overlaps, type Prefix, printPrefix, widthOf } from '../../net/prefix.ts';
import { type Nexthop, type Route, TABLE_MAIN } from './route.ts';
import { printTable, printTos } from './route-names.ts';

/** One route; more than one line where it has several next hops. */
export function printRoute(route: Route): string {
  const family = familyOf(route.destination.addr);
  const words: string[] = [];
  if (route.type !== 'unicast') words.push(route.type);
  words.push(printDestination(route.destination));
  if (route.tos !== undefined && route.tos !== 0) words.push('tos', printTos(route.tos));
  const single = route.type === 'unicast' && route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  if (single !== undefined) words.push(...printVia(single, route.destination));
  if ('device' in route) words.push('dev', route.device);
  // IPv6 routes without a next hop belong to the loopback device (ip6_route_info_create()).
  else if (family === 6 && route.type !== 'unicast') words.push('dev', 'lo');
  if (route.table !== TABLE_MAIN) words.push('table', printTable(route.table));
  if (route.protocol !== 'boot') words.push('proto', route.protocol);
  if (route.scope !== 'global') words.push('scope', route.scope);
  if (route.prefSrc !== undefined) words.push('src', printIp(route.prefSrc));
  // The kernel reports a metric of IPv6 routes also where it is 0, and hides that of IPv4.
  if (route.metric !== 0 || family === 6) words.push('metric', String(route.metric));
  if (single?.onlink === true) words.push('onlink');
  if (route.mtu !== undefined) words.push('mtu', String(route.mtu));
  if (family === 6) words.push('pref', 'medium');
  const first = words.join(' ');
  if (route.type !== 'unicast' || single !== undefined) return first;
  return [first, ...route.nexthops.map((hop) => `\t${printNexthop(hop, route.destination)}`)].join('\n');
}

function printDestination(destination: Prefix): string {
  if (destination.bits === 0) return 'default';
  const whole = destination.bits === widthOf(familyOf(destination.addr));
  return whole ? printIp(destination.addr) : printPrefix(destination);
}

function printVia(hop: Nexthop, destination: Prefix): readonly string[] {
  if (hop.via === undefined) return ['dev', hop.device];
  const other = familyOf(hop.via) !== familyOf(destination.addr);
  return ['via', ...(other ? [`inet${familyOf(hop.via) === 6 ? '6' : ''}`] : []), printIp(hop.via), 'dev', hop.device];
}

function printNexthop(hop: Nexthop, destination: Prefix): string {
  const flags = hop.onlink === true ? ['onlink'] : [];
  return ['nexthop', ...printVia(hop, destination), 'weight', String(hop.weight), ...flags].join(' ');
}

/**
 * The kernel dumps its trie (net/ipv4/fib_trie.c fib_table_dump()): by address, and for equal addresses the longer
 * prefix first, then the larger TOS, then the smaller metric (fib_insert_alias()). IPv6's tree gives a prefix after
 * everything inside it (net/ipv6/ip6_fib.c fib6_walk_continue()).
 */
export function compareRoutes(a: Route, b: Route): number {
  return compareDestinations(a.destination, b.destination) || (b.tos ?? 0) - (a.tos ?? 0) || a.metric - b.metric;
}

function compareDestinations(a: Prefix, b: Prefix): number {
  if (familyOf(a.addr) === 6 && a.bits !== b.bits && overlaps(a, b)) return b.bits - a.bits;
  return compareIp(a.addr, b.addr) || b.bits - a.bits;
}

/** The lines of `ip route show table T` (`ip -6 route` for family 6): given routes of one table, in the order of the dump. */
export function printRoutes(routes: readonly Route[], family: Family = 4): readonly string[] {
  return (
    routes
      .filter((route) => familyOf(route.destination.addr) === family)
      .sort(compareRoutes)
      // Asked for one table, ip leaves the table out of its lines.
      .map((route) => printRoute({ ...route, table: TABLE_MAIN }))
  );
}

/**
 * The lines of `ip route show table all`. inet_dump_fib() goes through the 256 buckets of its hash of tables, so table
 * 254 (main) comes before 255 (local) and 1000 (bucket 232) before both; IPv4 comes first.
 */
export function printAllRoutes(tables: ReadonlyMap<number, readonly Route[]>): readonly string[] {
  const order = [...tables.keys()].sort((a, b) => (a & 255) - (b & 255) || b - a);
  const lines = (family: Family): readonly string[] =>
    order.flatMap((table) =>
      (tables.get(table) ?? [])
        .filter((route) => familyOf(route.destination.addr) === family)
        .sort(compareRoutes)
        .map(printRoute),
    );
  return [...lines(4), ...lines(6)];
}
