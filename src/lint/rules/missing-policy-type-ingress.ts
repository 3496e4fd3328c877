/** Rules of a direction that policyTypes leaves out do nothing (cyclonus: CheckSourceMissingPolicyTypeIngress). */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const missingPolicyTypeIngress: LintRule = {
  id: 'missing-policy-type-ingress',
  severity: 'error',
  title: text('Rules for ingress are switched off by policyTypes', 'ingress 规则被 policyTypes 关闭'),
  why: text(
    'The rules are never asked, and the Pods are not isolated in that direction: all of it is open.',
    '这些规则从不生效，且 Pod 在该方向上没有被隔离：全部放行。',
  ),
  source: 'Kubernetes API reference, NetworkPolicySpec.policyTypes; cyclonus: CheckSourceMissingPolicyTypeIngress',
  *check({ cluster }) {
    for (const policy of [...cluster.policies, ...cluster.calicoPolicies]) {
      const types = policy.kind === 'NetworkPolicy' ? policy.policyTypes : policy.types;
      if (policy.ingress.length === 0 || types.includes('Ingress')) continue;
      yield found(
        policy,
        ['spec', 'ingress'],
        MESSAGE,
        { count: String(policy.ingress.length) },
        { what: 'key', hint: HINT },
      );
    }
  },
};

const MESSAGE = text(
  'has {count} ingress rules, and its types do not name Ingress: they do nothing',
  '有 {count} 条 ingress 规则，但类型列表中没有 Ingress：这些规则不起作用',
);
const HINT = text('add Ingress to the types, or delete the rules', '在类型列表中加上 Ingress，或删除这些规则');
