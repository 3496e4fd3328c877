/** An ipBlock inside the Service network matches nothing: policies see the endpoint and not the ClusterIP. */
import { text } from '../../explain/language.ts';
import { covers, printPrefix } from '../../net/prefix.ts';
import { ipBlocks } from '../ip-blocks.ts';
import { found, type LintRule } from '../rule.ts';

export const ipBlockOverServices: LintRule = {
  id: 'ip-block-over-services',
  severity: 'error',
  title: text('An ipBlock names addresses of Services', 'ipBlock 写的是 Service 的地址'),
  why: text(
    'kube-proxy rewrites the ClusterIP to the address of an endpoint before policies are asked: the rule matches nothing.',
    'kube-proxy 在策略检查之前就把 ClusterIP 改写为端点地址：该规则不匹配任何流量。',
  ),
  source: 'kubernetes/website #10151; calico #1683, #3393; network-policy-api #203',
  *check({ cluster }) {
    const { serviceCIDRs } = cluster.settings;
    for (const { policy, path, cidr } of ipBlocks(cluster)) {
      const range = serviceCIDRs.find((services) => covers(services, cidr));
      if (range === undefined) continue;
      yield found(policy, path, MESSAGE, { cidr: printPrefix(cidr), range: printPrefix(range) }, { hint: HINT });
    }
  },
};

const MESSAGE = text(
  '{cidr} is in the Service network {range}: policies see endpoints, and the block matches nothing',
  '{cidr} 属于 Service 网段 {range}：策略看到的是端点，这个地址段不会匹配任何流量',
);
const HINT = text('select the Pods behind the Service', '改为选择 Service 背后的 Pod');
