/** Look-ups in the routing tables: net/ipv4/fib_rules.c fib4_rule_action(), net/ipv4/fib_trie.c fib_table_lookup(). */

import { type IpAddr, isIp6 } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import type { DropReason } from '../drop-reason.ts';
import type { Scope } from '../link/device.ts';
import type { Netns } from '../netns.ts';
import { selectRoute6 } from './ipv6/look-up.ts';
import { refusalOf } from './refusal.ts';
import { type Nexthop, type PolicyRule, type Route, TABLE_LOCAL } from './route.ts';
import { RouteTable } from './route-table.ts';

/** What a look-up is about (struct flowi4). */
export type Flow = {
  readonly src: IpAddr | undefined;
  readonly dst: IpAddr;
  readonly mark: number;
  /** `lo` for packets of this machine. */
  readonly iif: string;
  /** Only routes that leave by this device; of IPv6, rather than others unless `strict`. */
  readonly oif?: string | undefined;
  /** RT6_LOOKUP_F_IFACE, of IPv6 only: no other device will do. */
  readonly strict?: boolean;
  readonly protocol?: number;
  readonly sport?: number;
  readonly dport?: number;
};

/** The route found with the next hops that may carry the flow, or why there is none. */
export type FibResult =
  | { readonly kind: 'route'; readonly rule: PolicyRule; readonly route: Route; readonly nexthops: readonly Nexthop[] }
  | {
      readonly kind: 'fail';
      readonly error: 'EINVAL' | 'EHOSTUNREACH' | 'EACCES' | 'ENETUNREACH';
      readonly reason: DropReason;
      readonly route: Route | undefined;
    };

const SCOPE_ORDER: Readonly<Record<Scope, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };

/** Whether a scope reaches at least as far as another. */
export function scopeReaches(scope: Scope, wanted: Scope): boolean {
  return SCOPE_ORDER[scope] <= SCOPE_ORDER[wanted];
}

const indexes = new WeakMap<Netns, Map<number, RouteTable>>();

/** The table in look-up form, built at the first question. */
function tableOf(netns: Netns, table: number): RouteTable {
  let tables = indexes.get(netns);
  if (tables === undefined) {
    tables = new Map();
    indexes.set(netns, tables);
  }
  let index = tables.get(table);
  if (index === undefined) {
    index = new RouteTable(netns.routes.get(table) ?? []);
    tables.set(table, index);
  }
  return index;
}

/** fib_lookup(): through the rules by priority, in each table the longest prefix, then the lowest metric. */
export function fibLookup(netns: Netns, flow: Flow): FibResult {
  let skipTo: number | undefined;
  const six = isIp6(flow.dst);
  for (const rule of six ? netns.rules6 : netns.rules) {
    if (skipTo !== undefined && rule.priority < skipTo) continue;
    if (!ruleMatches(rule, flow)) continue;
    switch (rule.action.kind) {
      case 'goto':
        skipTo = rule.action.priority;
        continue;
      case 'nop':
        continue;
      case 'blackhole':
        return { kind: 'fail', error: 'EINVAL', reason: 'ROUTE_BLACKHOLE', route: undefined };
      case 'unreachable':
        return { kind: 'fail', error: 'ENETUNREACH', reason: 'ROUTE_UNREACHABLE', route: undefined };
      case 'prohibit':
        return { kind: 'fail', error: 'EACCES', reason: 'ROUTE_PROHIBIT', route: undefined };
      case 'lookup': {
        const found = askTable(netns, rule.action, flow, six);
        if (found === undefined) continue;
        return found.kind === 'route' ? { ...found, rule } : found;
      }
    }
  }
  return {
    kind: 'fail',
    error: 'ENETUNREACH',
    reason: flow.iif === 'lo' ? 'IP_OUTNOROUTES' : 'IP_INNOROUTES',
    route: undefined,
  };
}

/** fib4_rule_action(), and fib4_rule_suppress() of what it found. */
function askTable(
  netns: Netns,
  { table, suppressPrefixLength: suppress }: Extract<PolicyRule['action'], { kind: 'lookup' }>,
  flow: Flow,
  six: boolean,
): TableResult {
  const routes = tableOf(netns, table).matches(flow.dst);
  const found = six ? selectRoute6(byPrefix(routes), flow) : lookupTable(routes, flow);
  if (suppress === undefined || found?.kind !== 'route') return found;
  return found.route.destination.bits <= suppress ? undefined : found;
}

/** undefined: the table has no route, and the next rule is asked (also after a `throw`). */
export type TableResult =
  | { readonly kind: 'route'; readonly route: Route; readonly nexthops: readonly Nexthop[] }
  | Extract<FibResult, { kind: 'fail' }>
  | undefined;

function lookupTable(routes: readonly Route[], flow: Flow): TableResult {
  for (const route of routes) {
    switch (route.type) {
      case 'throw':
        return undefined;
      case 'blackhole':
      case 'unreachable':
      case 'prohibit':
        return refusalOf(route, route.type);
      case 'local':
      case 'broadcast':
        if (flow.oif === undefined || flow.oif === route.device) return { kind: 'route', route, nexthops: [] };
        break;
      case 'anycast':
      case 'multicast':
        break;
      case 'unicast': {
        const { oif } = flow;
        const nexthops = oif === undefined ? route.nexthops : route.nexthops.filter((hop) => hop.device === oif);
        if (nexthops.length > 0) return { kind: 'route', route, nexthops };
        break;
      }
    }
  }
  return undefined;
}

/** The routes of each prefix by themselves. */
function byPrefix(routes: readonly Route[]): readonly (readonly Route[])[] {
  const groups: Route[][] = [];
  for (const route of routes) {
    const group = groups.at(-1);
    if (group?.[0]?.destination.bits === route.destination.bits) group.push(route);
    else groups.push([route]);
  }
  return groups;
}

/** fib_rule_match() and fib4_rule_match() */
function ruleMatches(rule: PolicyRule, flow: Flow): boolean {
  const hit =
    (rule.iif === undefined || rule.iif === flow.iif) &&
    (rule.oif === undefined || rule.oif === flow.oif) &&
    (rule.mark === undefined || ((rule.mark.value ^ flow.mark) & rule.mark.mask) === 0) &&
    (rule.from === undefined || (flow.src === undefined ? rule.from.bits === 0 : contains(rule.from, flow.src))) &&
    (rule.to === undefined || contains(rule.to, flow.dst)) &&
    (rule.tos === undefined || rule.tos === 0) &&
    (rule.protocol === undefined || rule.protocol === flow.protocol) &&
    inRange(rule.sport, flow.sport) &&
    inRange(rule.dport, flow.dport);
  return hit !== (rule.not ?? false);
}

function inRange(
  range: { readonly first: number; readonly last: number } | undefined,
  port: number | undefined,
): boolean {
  return range === undefined || (port !== undefined && range.first <= port && port <= range.last);
}

/** The local table's entry for an address, as inet_addr_type() asks for it: rules play no part. */
export function localEntry(netns: Netns, address: IpAddr): Extract<Route, { type: 'local' | 'broadcast' }> | undefined {
  for (const route of tableOf(netns, TABLE_LOCAL).matches(address)) {
    if (route.type === 'local' || route.type === 'broadcast') return route;
  }
  return undefined;
}

const held = new WeakMap<Netns, ReadonlySet<IpAddr>>();

function addressesOf(netns: Netns): ReadonlySet<IpAddr> {
  let addresses = held.get(netns);
  if (addresses === undefined) {
    addresses = new Set([...netns.devices.values()].flatMap((device) => device.addresses.map(({ ip }) => ip)));
    held.set(netns, addresses);
  }
  return addresses;
}

/** Whether a device holds the address itself (inet_lookup_ifaddr_rcu(), __ip_dev_find()). */
export function holdsAddress(netns: Netns, address: IpAddr): boolean {
  return addressesOf(netns).has(address) || localEntry(netns, address)?.type === 'local';
}
