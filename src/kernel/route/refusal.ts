/** What a route without a way says: net/ipv4/fib_semantics.c fib_props[], net/ipv6/route.c ip6_rt_type_to_error(). */
import type { FibResult } from './fib.ts';
import type { Route } from './route.ts';

const REFUSALS = {
  blackhole: { error: 'EINVAL', reason: 'ROUTE_BLACKHOLE' },
  unreachable: { error: 'EHOSTUNREACH', reason: 'ROUTE_UNREACHABLE' },
  prohibit: { error: 'EACCES', reason: 'ROUTE_PROHIBIT' },
} as const;

/** @param type the route's own, which is one of these */
export function refusalOf(route: Route, type: keyof typeof REFUSALS): Extract<FibResult, { kind: 'fail' }> {
  return { kind: 'fail', ...REFUSALS[type], route };
}
