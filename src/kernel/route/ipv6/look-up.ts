/** Which route of a table: net/ipv6/route.c rt6_select(), find_rr_leaf(), rt6_score_route(). */

import type { Flow, TableResult } from '../fib.ts';
import { refusalOf } from '../refusal.ts';
import type { Nexthop, Route } from '../route.ts';

/**
 * Through the prefixes that hold the destination, the longest first, with the routes of each by metric. Among routes of
 * one metric the one of the flow's device wins, which for a received packet is the device it came in by.
 */
export function selectRoute6(prefixes: Iterable<readonly Route[]>, flow: Flow): TableResult {
  const device = flow.oif ?? (flow.iif === 'lo' ? undefined : flow.iif);
  for (const routes of prefixes) {
    const best = bestOf(routes, device, flow.strict === true);
    if (best !== undefined) return resultOf(best.route, best.nexthops);
  }
  return undefined;
}

type Candidate = { readonly route: Route; readonly nexthops: readonly Nexthop[]; readonly matches: boolean };

function bestOf(routes: readonly Route[], device: string | undefined, strict: boolean): Candidate | undefined {
  let best: Candidate | undefined;
  for (const route of routes) {
    if (best !== undefined && best.route.metric !== route.metric) break;
    const candidate = candidateOf(route, device, strict);
    if (candidate === undefined) continue;
    if (best === undefined || (candidate.matches && !best.matches)) best = candidate;
  }
  return best;
}

function candidateOf(route: Route, device: string | undefined, strict: boolean): Candidate | undefined {
  const matches = (name: string): boolean => device === undefined || name === device;
  if (route.type === 'unicast') {
    const nexthops = strict ? route.nexthops.filter((hop) => matches(hop.device)) : route.nexthops;
    return nexthops.length === 0
      ? undefined
      : { route, nexthops, matches: nexthops.some((hop) => matches(hop.device)) };
  }
  // Routes without a next hop belong to lo (ip6_route_info_create()).
  const own = matches('device' in route ? route.device : 'lo');
  return own || !strict ? { route, nexthops: [], matches: own } : undefined;
}

function resultOf(route: Route, nexthops: readonly Nexthop[]): TableResult {
  switch (route.type) {
    case 'throw':
      return undefined;
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return refusalOf(route, route.type);
    case 'unicast':
    case 'local':
    case 'broadcast':
    case 'anycast':
    case 'multicast':
      return { kind: 'route', route, nexthops };
  }
}
