/** internalTrafficPolicy Local, and Pods on nodes without an endpoint: for them the Service does not exist. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';
import { nodesWithEndpoints } from '../service-nodes.ts';

export const internalTrafficLocalGap: LintRule = {
  id: 'internal-traffic-local-gap',
  severity: 'info',
  title: text(
    'Nodes without an endpoint of a Service with internalTrafficPolicy Local',
    'internalTrafficPolicy 为 Local 的 Service 在部分节点上没有端点',
  ),
  why: text(
    'Pods of such a node cannot reach the Service, though others can: the packets are dropped.',
    '这些节点上的 Pod 无法访问该 Service，而其他节点可以：数据包会被丢弃。',
  ),
  source: 'kubernetes.io, Service Internal Traffic Policy (KEP-2086)',
  *check({ cluster }) {
    for (const service of cluster.services) {
      if (service.internalTrafficPolicy !== 'Local' || service.type === 'ExternalName') continue;
      const having = nodesWithEndpoints(cluster, service);
      const used = new Set(cluster.pods.flatMap(({ node, hostNetwork }) => (hostNetwork ? [] : (node ?? []))));
      const missing = [...used].filter((node) => !having.has(node)).sort();
      if (having.size === 0 || missing.length === 0) continue;
      yield found(service, ['spec', 'internalTrafficPolicy'], MESSAGE, { missing: listNames(missing) });
    }
  },
};

const MESSAGE = text(
  'Pods on {missing} cannot reach it: no endpoint is there',
  '{missing} 上的 Pod 无法访问它：那里没有端点',
);
