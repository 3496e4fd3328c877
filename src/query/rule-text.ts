/** What decided a step, in the words of the real tool. */

import { printRule } from '../kernel/netfilter/print-rule.ts';
import { printRoute } from '../kernel/route/route-text.ts';
import type { Step } from '../kernel/walk/step.ts';

/** The text of the rule, the chain's policy or the route behind a step. */
export function ruleTextOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'netfilter':
      if (step.rule !== undefined) return printRule(step.chain, step.rule);
      return step.event === 'policy' ? `-P ${step.chain} ${step.action}` : undefined;
    case 'miss':
      return printRule(step.chain, step.rule);
    case 'route':
      return step.outcome.route === undefined ? undefined : printRoute(step.outcome.route);
    default:
      return undefined;
  }
}
