/** What the policies leave of the egress of a target (cyclonus: CheckTargetAllEgressAllowed). */
import { text } from '../../explain/language.ts';
import { targetsLeftWith } from '../extremes.ts';
import type { LintRule } from '../rule.ts';

export const allEgressAllowed: LintRule = {
  id: 'all-egress-allowed',
  severity: 'info',
  title: text('Policies select Pods and allow all of their egress', '策略选中了 Pod 却放行其全部 egress'),
  why: text(
    'A rule without peers and ports, or one that is too wide, makes all others superfluous.',
    '没有对端和端口的规则，或范围过宽的规则，会使其他规则失去意义。',
  ),
  source: 'cyclonus: CheckTargetAllEgressAllowed',
  check: ({ policies }) => targetsLeftWith(policies(), 'egress', 'all', MESSAGE),
};

const MESSAGE = text(
  'all egress of {pods} is allowed: for them the policies do nothing',
  '{pods} 的 egress 全部放行：策略对其不起作用',
);
