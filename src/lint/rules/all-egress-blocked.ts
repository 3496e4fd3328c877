/** What the policies leave of the egress of a target (cyclonus: CheckTargetAllEgressBlocked). */
import { text } from '../../explain/language.ts';
import { targetsLeftWith } from '../extremes.ts';
import type { LintRule } from '../rule.ts';

export const allEgressBlocked: LintRule = {
  id: 'all-egress-blocked',
  severity: 'info',
  title: text('Nothing is left of the egress of the Pods that a policy selects', '策略选中的 Pod 的 egress 全部被拒绝'),
  why: text(
    'Meant where it is a default deny; otherwise the rules of the other policies fit nobody.',
    '若是默认拒绝则符合预期；否则说明其他策略的规则没有匹配任何对端。',
  ),
  source: 'cyclonus: CheckTargetAllEgressBlocked',
  check: ({ policies }) => targetsLeftWith(policies(), 'egress', 'nothing', MESSAGE),
};

const MESSAGE = text('none of the egress of {pods} is allowed', '{pods} 的 egress 全部被拒绝');
