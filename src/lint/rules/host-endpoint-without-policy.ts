/** A HostEndpoint that no policy selects and no profile opens: its interface is closed. */

import { selects } from '../../cluster/policy/selector.ts';
import { labelOf } from '../../cluster/selector.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const hostEndpointWithoutPolicy: LintRule = {
  id: 'host-endpoint-without-policy',
  severity: 'warning',
  title: text('No policy selects a HostEndpoint', '没有策略选中该 HostEndpoint'),
  why: text(
    'To make a HostEndpoint closes the interface: all but the failsafe ports is dropped until a policy or a profile allows it.',
    '创建 HostEndpoint 就会关闭该接口：在有策略或 profile 放行之前，除 failsafe 端口外全部丢弃。',
  ),
  source: 'Calico: HostEndpoint (default behaviour of endpoints without policy)',
  *check({ cluster }) {
    for (const endpoint of cluster.hostEndpoints) {
      if (endpoint.profiles.length > 0) continue;
      const isSelected = cluster.calicoPolicies.some(
        (policy) =>
          policy.kind === 'GlobalNetworkPolicy' &&
          policy.namespaceSelector === undefined &&
          selects(policy.selector.selector, (label) => labelOf(endpoint.labels, label)),
      );
      if (!isSelected) yield found(endpoint, ['metadata', 'labels'], MESSAGE, {}, { what: 'key' });
    }
  },
};

const MESSAGE = text(
  'no GlobalNetworkPolicy selects it: all but the failsafe ports is dropped on its interface',
  '没有 GlobalNetworkPolicy 选中它：除 failsafe 端口外，其接口上的流量全部丢弃',
);
