/** A rule that allows nothing that others do not allow as well: of its own policy, or of one that selects the same Pods. */
import { text } from '../../explain/language.ts';
import { nameOfRule, pathOfRule } from '../policy-facts.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const redundantRule: LintRule = {
  id: 'redundant-rule',
  severity: 'warning',
  title: text('A rule of a NetworkPolicy is covered by others', 'NetworkPolicy 的规则被其他规则覆盖'),
  why: text(
    'Whoever deletes or narrows it later believes that something closes, and nothing does.',
    '日后删除或收窄它的人会以为关闭了什么，其实没有。',
  ),
  source: 'openshift ai-helpers #586 (shadowed policies); policy.md section 4',
  *check({ redundancy }) {
    for (const { rule, by } of redundancy().rules) {
      const own = by.map((each) =>
        each.policy === rule.policy ? `${each.direction}[${each.index}]` : nameOfRule(each),
      );
      yield found(
        rule.policy,
        pathOfRule(rule),
        MESSAGE,
        { rule: `${rule.direction}[${rule.index}]`, by: listNames(own) },
        { hint: HINT },
      );
    }
  },
};

const MESSAGE = text('{rule} allows nothing that {by} does not allow', '{rule} 放行的流量已全部被 {by} 放行');
const HINT = text('delete it, or narrow {by}', '删除它，或收窄 {by}');
