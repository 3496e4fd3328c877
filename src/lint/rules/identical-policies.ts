/** Two policies that are one: same Pods, same types, same rules. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, nameOf } from '../rule.ts';

export const identicalPolicies: LintRule = {
  id: 'identical-policies',
  severity: 'warning',
  title: text('Two NetworkPolicies say the same', '两个 NetworkPolicy 内容相同'),
  why: text(
    'Usually a copy whose selector was to be changed, or an old name that was never deleted: to edit one of them has no effect.',
    '通常是忘了改选择器的副本，或没有删除的旧名字：只改其中一个不会生效。',
  ),
  source: 'policy.md section 4',
  *check({ redundancy }) {
    for (const { policy, as } of redundancy().same)
      yield found(policy, ['metadata', 'name'], MESSAGE, { as: nameOf(as) });
  },
};

const MESSAGE = text('says the same as {as}', '与 {as} 内容相同');
