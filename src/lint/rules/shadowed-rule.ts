/** A rule of an ordered API (AdminNetworkPolicy, ClusterNetworkPolicy, Calico) behind others that decide all of it. */
import { text } from '../../explain/language.ts';
import { pathOfRule } from '../policy-facts.ts';
import { found, type LintRule } from '../rule.ts';
import { decidersOf, isUnordered, isWhollyShadowed, shadowsIn } from '../shadows.ts';

export const shadowedRule: LintRule = {
  id: 'shadowed-rule',
  severity: 'warning',
  title: text('A rule never decides, because others come first', '规则从不生效，因为其他规则在前'),
  why: text(
    'The first rule that fits decides: whoever wrote this one believes that it allows or denies something.',
    '第一条匹配的规则作出裁决：写这条规则的人以为它放行或拒绝了什么。',
  ),
  source: 'network-policy-api: priority and order of rules; Calico: order; policy.md section 4',
  *check({ policies }) {
    const facts = policies();
    for (const entry of facts.entries) {
      if (isUnordered(entry.policy) || isWhollyShadowed(facts, entry)) continue;
      for (const shadow of shadowsIn(facts, entry)) {
        const { direction, index, policy } = shadow;
        const values = { rule: `${direction}[${index}]`, by: decidersOf(facts, [shadow]) };
        yield found(policy, pathOfRule(shadow), MESSAGE, values);
      }
    }
  },
};

const MESSAGE = text('{rule} decides nothing: {by} comes first', '{rule} 不裁决任何流量：{by} 在它之前');
