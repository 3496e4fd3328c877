/** An HTTPRoute that attaches to nothing. */
import { isAttached } from '../../cluster/http/route-gateway.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const routeParentMissing: LintRule = {
  id: 'route-parent-missing',
  severity: 'error',
  title: text('A parent of an HTTPRoute does not exist or does not take it', 'HTTPRoute 的父级不存在或不接纳它'),
  why: text('No Gateway serves the route there.', '没有 Gateway 会提供该路由。'),
  source: 'Gateway API: ParentReference, AllowedRoutes',
  *check({ cluster }) {
    for (const route of cluster.httpRoutes) {
      for (const [index, parent] of route.parents.entries()) {
        const path = ['spec', 'parentRefs', index];
        const gateway = cluster.gateways.find(
          ({ name, namespace }) => name === parent.name && namespace === parent.namespace,
        );
        const values = {
          gateway: `${parent.namespace}/${parent.name}`,
          section: parent.sectionName ?? String(parent.port ?? ''),
          namespace: route.namespace,
        };
        if (gateway === undefined) {
          yield found(route, [...path, 'name'], NO_GATEWAY, values);
          continue;
        }
        const listeners = gateway.listeners.filter(
          ({ name, port }) =>
            (parent.sectionName === undefined || parent.sectionName === name) &&
            (parent.port === undefined || parent.port === port),
        );
        if (listeners.length === 0) {
          yield found(route, [...path, parent.sectionName === undefined ? 'port' : 'sectionName'], NO_LISTENER, values);
        } else if (!listeners.some((listener) => isAttached(cluster, gateway, listener, route))) {
          yield found(route, path, NOT_ALLOWED, values, { hint: HINT });
        }
      }
    }
  },
};

const NO_GATEWAY = text('there is no Gateway {gateway}', '没有 Gateway {gateway}');
const NO_LISTENER = text('Gateway {gateway} has no listener {section}', 'Gateway {gateway} 没有监听器 {section}');
const NOT_ALLOWED = text(
  'Gateway {gateway} takes no routes of namespace {namespace}',
  'Gateway {gateway} 不接纳命名空间 {namespace} 的路由',
);
const HINT = text('see allowedRoutes.namespaces of its listeners', '参见其监听器的 allowedRoutes.namespaces');
