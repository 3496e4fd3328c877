/** Rules of a direction that policyTypes leaves out do nothing (cyclonus: CheckSourceMissingPolicyTypeEgress). */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const missingPolicyTypeEgress: LintRule = {
  id: 'missing-policy-type-egress',
  severity: 'error',
  title: text('Rules for egress are switched off by policyTypes', 'egress 规则被 policyTypes 关闭'),
  why: text(
    'The rules are never asked, and the Pods are not isolated in that direction: all of it is open.',
    '这些规则从不生效，且 Pod 在该方向上没有被隔离：全部放行。',
  ),
  source: 'Kubernetes API reference, NetworkPolicySpec.policyTypes; cyclonus: CheckSourceMissingPolicyTypeEgress',
  *check({ cluster }) {
    for (const policy of [...cluster.policies, ...cluster.calicoPolicies]) {
      const types = policy.kind === 'NetworkPolicy' ? policy.policyTypes : policy.types;
      if (policy.egress.length === 0 || types.includes('Egress')) continue;
      yield found(
        policy,
        ['spec', 'egress'],
        MESSAGE,
        { count: String(policy.egress.length) },
        { what: 'key', hint: HINT },
      );
    }
  },
};

const MESSAGE = text(
  'has {count} egress rules, and its types do not name Egress: they do nothing',
  '有 {count} 条 egress 规则，但类型列表中没有 Egress：这些规则不起作用',
);
const HINT = text('add Egress to the types, or delete the rules', '在类型列表中加上 Egress，或删除这些规则');
