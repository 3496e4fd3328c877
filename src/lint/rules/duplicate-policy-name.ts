/** One name in two APIs (cyclonus: CheckSourceDuplicatePolicyName). Two of one kind are an error of the input already. */
import { text } from '../../explain/language.ts';
import { found, type LintedObject, type LintRule, nameOf } from '../rule.ts';

export const duplicatePolicyName: LintRule = {
  id: 'duplicate-policy-name',
  severity: 'info',
  title: text('Policies of two APIs have one name', '两种 API 的策略同名'),
  why: text(
    'Whoever reads a log or asks kubectl for the one gets the other: `kubectl get networkpolicy` knows two kinds of this name where Calico is installed.',
    '看日志或用 kubectl 查询时会得到另一个对象：安装了 Calico 之后，`kubectl get networkpolicy` 对应两种资源。',
  ),
  source: 'cyclonus: CheckSourceDuplicatePolicyName',
  *check({ cluster }) {
    const first = new Map<string, LintedObject>();
    for (const policy of [...cluster.policies, ...cluster.adminPolicies, ...cluster.calicoPolicies]) {
      const namespace = 'namespace' in policy ? policy.namespace : '';
      const key = `${namespace}/${policy.name}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, policy);
      else yield found(policy, ['metadata', 'name'], MESSAGE, { other: nameOf(other) });
    }
  },
};

const MESSAGE = text('{other} has the same name', '{other} 与它同名');
