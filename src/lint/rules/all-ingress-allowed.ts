/** What the policies leave of the ingress of a target (cyclonus: CheckTargetAllIngressAllowed). */
import { text } from '../../explain/language.ts';
import { targetsLeftWith } from '../extremes.ts';
import type { LintRule } from '../rule.ts';

export const allIngressAllowed: LintRule = {
  id: 'all-ingress-allowed',
  severity: 'info',
  title: text('Policies select Pods and allow all of their ingress', '策略选中了 Pod 却放行其全部 ingress'),
  why: text(
    'A rule without peers and ports, or one that is too wide, makes all others superfluous.',
    '没有对端和端口的规则，或范围过宽的规则，会使其他规则失去意义。',
  ),
  source: 'cyclonus: CheckTargetAllIngressAllowed',
  check: ({ policies }) => targetsLeftWith(policies(), 'ingress', 'all', MESSAGE),
};

const MESSAGE = text(
  'all ingress of {pods} is allowed: for them the policies do nothing',
  '{pods} 的 ingress 全部放行：策略对其不起作用',
);
