/** A port of a policy that none of the Pods at the receiving end listens on. */
import { text } from '../../explain/language.ts';
import { portProblems } from '../policy-ports.ts';
import type { LintRule } from '../rule.ts';

export const portNotDeclared: LintRule = {
  id: 'port-not-declared',
  severity: 'warning',
  title: text('A policy names a port that no container declares', '策略的端口没有任何容器声明'),
  why: text(
    'Declaring a port is no more than documentation, so that it may be right; mostly the number is wrong, or the program has moved.',
    '声明端口只是文档，因此可能没有问题；但多半是端口号写错了，或者程序换了端口。',
  ),
  source: 'policy.md section 4',
  check: (context) => portProblems(context, 'not-declared'),
};
