/** An HTTPRoute whose backend is no Service, or no port of it. */
import { backendEndpoints } from '../../cluster/http/backend-endpoints.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const routeBackendMissing: LintRule = {
  id: 'route-backend-missing',
  severity: 'error',
  title: text('A backend of an HTTPRoute does not exist', 'HTTPRoute 的后端不存在'),
  why: text('The Gateway answers 500 for its share of the requests.', 'Gateway 会对相应比例的请求返回 500。'),
  source: 'Gateway API: HTTPRouteRule.backendRefs (BackendNotFound)',
  *check({ cluster }) {
    for (const route of cluster.httpRoutes) {
      for (const [rule, { backends }] of route.rules.entries()) {
        for (const [index, { namespace, service, port, foreignKind }] of backends.entries()) {
          if (foreignKind !== undefined) continue;
          const path = ['spec', 'rules', rule, 'backendRefs', index];
          const values = { service: `${namespace}/${service}`, port: String(port ?? '') };
          const { kind } = backendEndpoints(cluster, namespace, service, port ?? 0);
          if (kind === 'no-service') yield found(route, [...path, 'name'], NO_SERVICE, values);
          else if (kind === 'no-port') yield found(route, [...path, 'port'], NO_PORT, values);
        }
      }
    }
  },
};

const NO_SERVICE = text('there is no Service {service}', '没有 Service {service}');
const NO_PORT = text('Service {service} has no port {port}', 'Service {service} 没有端口 {port}');
