/** externalTrafficPolicy Local, and nodes on which no endpoint is: they drop what comes to the node port. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';
import { nodesWithEndpoints } from '../service-nodes.ts';

export const externalTrafficLocalGap: LintRule = {
  id: 'external-traffic-local-gap',
  severity: 'warning',
  title: text(
    'Nodes without an endpoint of a Service with externalTrafficPolicy Local',
    'externalTrafficPolicy 为 Local 的 Service 在部分节点上没有端点',
  ),
  why: text(
    'Traffic from outside that comes to such a node is dropped. A load balancer finds out by the health check; whoever uses a node port does not.',
    '从外部到达这些节点的流量会被丢弃。负载均衡器可通过健康检查得知，直接使用节点端口的客户端则不能。',
  ),
  source: 'kubernetes.io, Source IP for Services with Type=NodePort; kubeproxy.md',
  *check({ cluster }) {
    for (const service of cluster.services) {
      const { type, externalTrafficPolicy, externalIps } = service;
      const isOutside = type === 'NodePort' || (type === 'ClusterIP' && externalIps.length > 0);
      if (!isOutside || externalTrafficPolicy !== 'Local') continue;
      const having = nodesWithEndpoints(cluster, service);
      const missing = cluster.settings.nodes.filter(({ name, source }) => source !== undefined && !having.has(name));
      if (having.size === 0 || missing.length === 0) continue;
      const values = { missing: listNames(missing.map(({ name }) => name)), having: listNames([...having]) };
      yield found(service, ['spec', 'externalTrafficPolicy'], MESSAGE, values, { hint: HINT });
    }
  },
};

const MESSAGE = text(
  'nodes {missing} have no endpoint and drop what comes to them',
  '节点 {missing} 没有端点，到达它们的流量会被丢弃',
);
const HINT = text(
  'use {having} only, run a Pod on every node, or write Cluster',
  '只使用 {having}，或在每个节点运行 Pod，或改为 Cluster',
);
