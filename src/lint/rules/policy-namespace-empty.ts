/** A policy in a namespace without Pods. */
import { text } from '../../explain/language.ts';
import { nearest } from '../../lib/nearest.ts';
import { found, type LintRule } from '../rule.ts';

export const policyNamespaceEmpty: LintRule = {
  id: 'policy-namespace-empty',
  severity: 'warning',
  title: text('The namespace of a policy has no Pods', '策略所在的命名空间没有 Pod'),
  why: text(
    'A policy selects Pods of its own namespace only: this one protects nobody.',
    '策略只选中自己命名空间里的 Pod：这个策略不保护任何人。',
  ),
  source: 'policy.md section 4',
  *check({ cluster }) {
    if (cluster.pods.length === 0) return;
    const namespaces = [...new Set(cluster.pods.map(({ namespace }) => namespace))];
    for (const policy of cluster.policies) {
      const { namespace } = policy;
      if (cluster.podsInNamespace(namespace).length > 0) continue;
      const [best] = nearest(namespace, namespaces, 1);
      const hint = best === undefined ? {} : { hint: HINT };
      yield found(policy, ['metadata', 'namespace'], MESSAGE, { namespace, best: best ?? '' }, hint);
    }
  },
};

const MESSAGE = text(
  'namespace {namespace} has no Pods: the policy protects nobody',
  '命名空间 {namespace} 没有 Pod：策略不保护任何人',
);
const HINT = text('did you mean {best}?', '是否想写 {best}？');
