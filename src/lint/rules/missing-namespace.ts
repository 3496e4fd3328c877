/** A policy without a namespace goes where `kubectl` happens to point (cyclonus: CheckSourceMissingNamespace). */
import { text } from '../../explain/language.ts';
import { rawAt } from '../context.ts';
import { found, type LintRule } from '../rule.ts';

export const missingNamespace: LintRule = {
  id: 'missing-namespace',
  severity: 'info',
  title: text('A policy does not say in which namespace it is', '策略没有写明命名空间'),
  why: text(
    'It lands in the namespace of the current context of whoever applies it, and protects other Pods than those meant.',
    '它会落入执行 apply 的人当前上下文的命名空间，从而保护了错误的 Pod。',
  ),
  source: 'cyclonus: CheckSourceMissingNamespace',
  *check({ cluster }) {
    for (const policy of [
      ...cluster.policies,
      ...cluster.calicoPolicies.filter(({ kind }) => kind === 'CalicoNetworkPolicy'),
    ]) {
      if (policy.source === undefined || rawAt(policy.source, ['metadata', 'namespace']) !== undefined) continue;
      const namespace = 'namespace' in policy ? policy.namespace : '';
      yield found(policy, ['metadata'], MESSAGE, { namespace }, { what: 'key', hint: HINT });
    }
  },
};

const MESSAGE = text(
  'has no metadata.namespace: taken to be in {namespace}',
  '没有 metadata.namespace：按 {namespace} 处理',
);
const HINT = text('write namespace: {namespace}', '写上 namespace: {namespace}');
