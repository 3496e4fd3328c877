/** A Service selects Pods, and none of them is ready. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const noReadyEndpoints: LintRule = {
  id: 'no-ready-endpoints',
  severity: 'warning',
  title: text('No Pod of a Service is ready', 'Service 没有就绪的 Pod'),
  why: text(
    'kube-proxy refuses connections to a Service without ready endpoints.',
    'kube-proxy 会拒绝到没有就绪端点的 Service 的连接。',
  ),
  source: 'kubernetes.io, Endpoint conditions; kubeproxy.md',
  *check({ cluster }) {
    for (const service of cluster.services) {
      if (service.selector === undefined) continue;
      const endpoints = cluster.slicesOf(service).flatMap((slice) => slice.endpoints);
      if (endpoints.length === 0 || endpoints.some(({ ready }) => ready)) continue;
      yield found(service, ['spec', 'selector'], MESSAGE, { count: String(endpoints.length) });
    }
  },
};

const MESSAGE = text('none of its {count} endpoints is ready', '它的 {count} 个端点都未就绪');
