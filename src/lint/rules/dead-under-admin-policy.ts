/** A rule of a NetworkPolicy for traffic that an administrator's policy has decided already. */
import { text } from '../../explain/language.ts';
import { pathOfRule } from '../policy-facts.ts';
import { found, type LintRule } from '../rule.ts';
import { decidersOf, isUnordered, shadowsIn } from '../shadows.ts';

export const deadUnderAdminPolicy: LintRule = {
  id: 'dead-under-admin-policy',
  severity: 'warning',
  title: text("A NetworkPolicy rule is dead under an administrator's policy", 'NetworkPolicy 规则被管理员策略架空'),
  why: text(
    'AdminNetworkPolicies and tiers before the default one are asked first, and Allow and Deny are final: the rule can neither open nor keep anything.',
    'AdminNetworkPolicy 以及默认层之前的层先被检查，其 Allow 和 Deny 是最终结果：这条规则既不能放行也不能限制任何流量。',
  ),
  source: 'network-policy-api: AdminNetworkPolicyRuleAction; policy.md section 3 (tiers)',
  *check({ policies }) {
    const facts = policies();
    for (const entry of facts.entries) {
      if (!isUnordered(entry.policy)) continue;
      for (const shadow of shadowsIn(facts, entry)) {
        if (shadow.effect.reached) continue;
        const values = { rule: `${shadow.direction}[${shadow.index}]`, by: decidersOf(facts, [shadow]) };
        yield found(entry.policy, pathOfRule(shadow), MESSAGE, values, { hint: HINT });
      }
    }
  },
};

const MESSAGE = text('{rule} is never asked: {by} has decided all of it', '{rule} 从不被检查：{by} 已裁决其全部流量');
const HINT = text(
  'a rule with action Pass there leaves the decision to NetworkPolicies',
  '在那里使用 Pass 动作可把裁决留给 NetworkPolicy',
);
