/** What a policy without policyTypes is for depends on whether it has egress rules (cyclonus: CheckSourceMissingPolicyTypes). */
import { text } from '../../explain/language.ts';
import { rawAt } from '../context.ts';
import { found, type LintRule } from '../rule.ts';

export const missingPolicyTypes: LintRule = {
  id: 'missing-policy-types',
  severity: 'warning',
  title: text('A NetworkPolicy has no policyTypes', 'NetworkPolicy 没有 policyTypes'),
  why: text(
    'The default is Ingress, always, and Egress only while there are egress rules: to delete the last egress rule opens what it was to close, and a policy for egress alone closes ingress too.',
    '默认总是包含 Ingress，仅当有 egress 规则时才包含 Egress：删除最后一条 egress 规则会放开本应关闭的流量，而只为 egress 写的策略也会关闭 ingress。',
  ),
  source: 'Kubernetes: SetDefaults_NetworkPolicy; cyclonus: CheckSourceMissingPolicyTypes',
  *check({ cluster }) {
    for (const policy of cluster.policies) {
      const given = rawAt(policy.source, ['spec', 'policyTypes']);
      if (policy.source === undefined || (Array.isArray(given) && given.length > 0)) continue;
      const types = policy.policyTypes.join(', ');
      yield found(policy, ['spec', 'policyTypes'], MESSAGE, { types }, { what: 'key', hint: HINT });
    }
  },
};

const MESSAGE = text('has no policyTypes: it is for {types}', '没有 policyTypes：它作用于 {types}');
const HINT = text('write policyTypes: [{types}]', '写上 policyTypes: [{types}]');
