/** A baseline policy that nobody ever gets to: NetworkPolicies select every Pod that it is for. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';
import { isBaseline, isWhollyShadowed } from '../shadows.ts';

export const baselineHidden: LintRule = {
  id: 'baseline-hidden',
  severity: 'warning',
  title: text('A baseline policy is hidden everywhere', '基线策略处处被遮蔽'),
  why: text(
    'A Pod that any NetworkPolicy selects in a direction never gets to the baseline there: what no rule allows is denied before.',
    '只要有 NetworkPolicy 在某方向选中了 Pod，该方向就不会到达基线：没有规则放行的流量在此之前就被拒绝。',
  ),
  source: 'network-policy-api: BaselineAdminNetworkPolicy; policy.md section 4',
  *check({ policies }) {
    const facts = policies();
    for (const entry of facts.entries) {
      if (!isBaseline(entry) || !isWhollyShadowed(facts, entry)) continue;
      const pods = listNames(facts.workloadsOf(entry.slots));
      yield found(entry.policy, ['metadata', 'name'], MESSAGE, { pods });
    }
  },
};

const MESSAGE = text(
  'never decides anything: policies asked before it decide about all of {pods}',
  '从不作出裁决：在它之前的策略已裁决 {pods} 的全部流量',
);
