/** A NetworkPolicy without which nothing would change: others isolate the same Pods and allow all that it allows. */
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames, nameOf } from '../rule.ts';

export const redundantPolicy: LintRule = {
  id: 'redundant-policy',
  severity: 'info',
  title: text('A NetworkPolicy is covered by others', 'NetworkPolicy 被其他策略覆盖'),
  why: text(
    'It looks as if it protects or allows something, and does neither.',
    '它看起来保护或放行了什么，其实都没有。',
  ),
  source: 'cyclonus (planned in its comments: superseded rules); policy.md section 4',
  *check({ redundancy }) {
    for (const { policy, by } of redundancy().policies)
      yield found(policy, ['metadata', 'name'], MESSAGE, { by: listNames(by.map(nameOf)) });
  },
};

const MESSAGE = text(
  'changes nothing beside {by}, which isolate the same Pods and allow as much',
  '有了 {by} 之后它不改变任何结果：后者隔离同样的 Pod 并放行同样多的流量',
);
