/** A policy of an ordered API none of whose rules ever decides. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';
import { decidersOf, isBaseline, isUnordered, isWhollyShadowed, shadowsIn } from '../shadows.ts';

export const shadowedPolicy: LintRule = {
  id: 'shadowed-policy',
  severity: 'warning',
  title: text('A policy never decides, because others come first', '策略从不生效，因为其他策略在前'),
  why: text(
    'Policies of a lower priority or order number, or of an earlier tier, decide all that it is for.',
    '优先级数字更小或层级更靠前的策略裁决了它负责的全部流量。',
  ),
  source: 'network-policy-api: AdminNetworkPolicySpec.priority; Calico: tiers and order; policy.md section 4',
  *check({ policies }) {
    const facts = policies();
    for (const entry of facts.entries) {
      if (isUnordered(entry.policy) || isBaseline(entry) || !isWhollyShadowed(facts, entry)) continue;
      const by = decidersOf(facts, shadowsIn(facts, entry));
      yield found(entry.policy, ['metadata', 'name'], MESSAGE, { by });
    }
  },
};

const MESSAGE = text('none of its rules decides anything: {by} comes first', '它的规则都不裁决任何流量：{by} 在它之前');
