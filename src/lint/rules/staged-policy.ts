/** Calico's staged policies decide nothing. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const stagedPolicy: LintRule = {
  id: 'staged-policy',
  severity: 'info',
  title: text('A policy is only staged', '策略仅处于预发布状态'),
  why: text('Staged policies are reported in flow logs and never enforced.', '预发布策略只出现在流日志中，从不执行。'),
  source: 'Calico: StagedNetworkPolicy',
  *check({ cluster }) {
    for (const policy of cluster.stagedPolicies) yield found(policy, ['kind'], MESSAGE);
  },
};

const MESSAGE = text('is staged: it is never enforced', '处于预发布状态：从不执行');
