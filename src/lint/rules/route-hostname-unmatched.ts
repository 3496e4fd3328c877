/** Hostnames of an HTTPRoute that no listener of its Gateways admits. */
import { isAttached, overlap } from '../../cluster/http/route-gateway.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const routeHostnameUnmatched: LintRule = {
  id: 'route-hostname-unmatched',
  severity: 'warning',
  title: text('No listener takes a hostname of an HTTPRoute', '没有监听器接纳 HTTPRoute 的主机名'),
  why: text('Requests for the host are answered with 404.', '对该主机的请求会得到 404。'),
  source: 'Gateway API: HTTPRouteSpec.hostnames (NoMatchingListenerHostname)',
  *check({ cluster }) {
    for (const route of cluster.httpRoutes) {
      const listeners = cluster.gateways.flatMap((gateway) =>
        gateway.listeners.filter((listener) => isAttached(cluster, gateway, listener, route)),
      );
      if (listeners.length === 0) continue;
      for (const [index, host] of route.hostnames.entries()) {
        if (listeners.some(({ hostname }) => hostname === undefined || overlap(host, hostname))) continue;
        const known = listNames([...new Set(listeners.flatMap(({ hostname }) => hostname ?? []))]);
        yield found(route, ['spec', 'hostnames', index], MESSAGE, { host, known }, { hint: HINT });
      }
    }
  },
};

const MESSAGE = text('no listener takes host {host}', '没有监听器接纳主机 {host}');
const HINT = text('they take {known}', '它们接纳 {known}');
