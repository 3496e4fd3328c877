/** What decided a step, in the words of the real tool. */

import { printRuleSpec } from '../kernel/netfilter/print-rule.ts';
import type { Rule } from '../kernel/netfilter/ruleset.ts';
import { printRoute } from '../kernel/route/route-text.ts';
import type { Step } from '../kernel/walk/step.ts';
import { ipvsEntryText } from './ipvs-text.ts';

/** The text of the rule, the chain's policy or the route behind a step. */
export function ruleTextOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'netfilter':
      if (step.rule !== undefined) return ruleText(step.chain, step.rule);
      return step.event === 'policy' ? `-P ${step.chain} ${step.action}` : undefined;
    case 'miss':
      return ruleText(step.chain, step.rule);
    case 'route':
      // `ip route` gives each of several next hops a line.
      return step.outcome.route === undefined ? undefined : printRoute(step.outcome.route).replace(/\s+/g, ' ');
    case 'ipvs':
      return ipvsEntryText(step);
    default:
      return undefined;
  }
}

/** Fifteen backends' paths pass the same rules, and a thousand questions of a suite do. */
const words = new WeakMap<Rule, string>();

function ruleText(chain: string, rule: Rule): string {
  let text = words.get(rule);
  if (text === undefined) {
    text = printRuleSpec(rule);
    words.set(rule, text);
  }
  return text === '' ? `-A ${chain}` : `-A ${chain} ${text}`;
}
