/** An Ingress whose backend is no Service, or no port of it. */

import type { Cluster } from '../../cluster/cluster.ts';
import { backendEndpoints } from '../../cluster/http/backend-endpoints.ts';
import type { Ingress, IngressBackend } from '../../cluster/objects.ts';
import type { PathSegment } from '../../cluster/source.ts';
import { text } from '../../explain/language.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Found, found, type LintRule } from '../rule.ts';

export const ingressBackendMissing: LintRule = {
  id: 'ingress-backend-missing',
  severity: 'error',
  title: text('A backend of an Ingress does not exist', 'Ingress 的后端不存在'),
  why: text('The controller answers 503 for this path.', '控制器会对该路径返回 503。'),
  source: 'ingress-nginx: getBackendServers(); kubernetes.io, Ingress',
  *check({ cluster }) {
    for (const ingress of cluster.ingresses) {
      yield* backend(cluster, ingress, ingress.defaultBackend, ['spec', 'defaultBackend']);
      for (const [rule, { paths }] of ingress.rules.entries()) {
        for (const [index, path] of paths.entries())
          yield* backend(cluster, ingress, path.backend, ['spec', 'rules', rule, 'http', 'paths', index, 'backend']);
      }
    }
  },
};

function* backend(
  cluster: Cluster,
  ingress: Ingress,
  target: IngressBackend | undefined,
  path: readonly PathSegment[],
): Iterable<Found> {
  if (target === undefined) return;
  const { service, port } = target;
  const { namespace } = ingress;
  const values = { service: `${namespace}/${service}`, name: service, port: String(port) };
  const { kind } = backendEndpoints(cluster, namespace, service, port);
  if (kind === 'no-service') {
    const names = cluster.services.filter((each) => each.namespace === namespace).map(({ name }) => name);
    const [best] = nearest(service, names, 1);
    const hint = best === undefined ? {} : { hint: NEAREST };
    yield found(ingress, [...path, 'service', 'name'], NO_SERVICE, { ...values, best: best ?? '' }, hint);
  } else if (kind === 'no-port') {
    const ports = cluster.service(namespace, service)?.ports ?? [];
    const known = ports
      .map(({ port: number, name }) => (name === '' ? String(number) : `${number} (${name})`))
      .join(', ');
    yield found(ingress, [...path, 'service', 'port'], NO_PORT, { ...values, known }, { hint: KNOWN });
  }
}

/** As the API server answers whoever asks for it, and `kubectl describe ingress` prints it beside the path. */
const NO_SERVICE = text(
  'services "{name}" not found: there is no Service {service}',
  'services "{name}" not found：没有 Service {service}',
);
const NEAREST = text('did you mean {best}?', '是否想写 {best}？');
const NO_PORT = text('Service {service} has no port {port}', 'Service {service} 没有端口 {port}');
const KNOWN = text('it has {known}', '它有 {known}');
