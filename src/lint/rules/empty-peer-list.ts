/** `from: []` is no "from nobody": an empty list of peers, or of ports, means all of them. */
import { text } from '../../explain/language.ts';
import { rawAt } from '../context.ts';
import { found, type LintRule } from '../rule.ts';

export const emptyPeerList: LintRule = {
  id: 'empty-peer-list',
  severity: 'warning',
  title: text('A rule has an empty list of peers or ports', '规则中的对端或端口列表为空'),
  why: text(
    'An empty list means everybody and every port. To allow nobody, the rule itself has to go.',
    '空列表表示所有对端和所有端口。若不想放行任何人，应删除整条规则。',
  ),
  source: 'Kubernetes API reference, NetworkPolicyIngressRule.from',
  *check({ cluster }) {
    for (const policy of cluster.policies) {
      for (const direction of ['ingress', 'egress'] as const) {
        for (const index of policy[direction].keys()) {
          for (const field of [direction === 'ingress' ? 'from' : 'to', 'ports']) {
            const path = ['spec', direction, index, field];
            const given = rawAt(policy.source, path);
            if (Array.isArray(given) && given.length === 0)
              yield found(policy, path, MESSAGE, { field }, { what: 'key' });
          }
        }
      }
    }
  },
};

const MESSAGE = text('{field} is an empty list: it means all, not none', '{field} 是空列表：表示全部，而不是没有');
