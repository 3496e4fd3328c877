/** AdminNetworkPolicies, or ClusterNetworkPolicies of one tier, with the same priority. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const samePriority = fromWarning({
  id: 'same-priority',
  severity: 'warning',
  title: text('Two policies of one priority', '两个策略的优先级相同'),
  why: text(
    'Which of the two is asked first is not defined: where they differ, traffic changes with the plugin.',
    '先检查哪一个没有定义：两者不同时，结果取决于插件。',
  ),
  source: 'network-policy-api: AdminNetworkPolicySpec.priority',
});
