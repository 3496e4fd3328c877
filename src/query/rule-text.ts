/** What decided a step, in the words of the real tool. */

import { printIpvsEntry } from '../kernel/ipvs/print-ipvsadm.ts';
import { printRuleSpec } from '../kernel/netfilter/print-rule.ts';
import type { Rule } from '../kernel/netfilter/ruleset.ts';
import { isNftRule, printRule as printNftRule } from '../kernel/nftables/print-rule.ts';
import type { NftRule } from '../kernel/nftables/ruleset.ts';
import { printRoute } from '../kernel/route/route-text.ts';
import type { Step } from '../kernel/walk/step.ts';

/** The text of the rule, the chain's policy or the route behind a step. */
export function ruleTextOf(step: Step): string | undefined {
  switch (step.kind) {
    case 'netfilter':
      if (step.rule !== undefined) return ruleText(step.chain, step.rule);
      if (step.event !== 'policy') return undefined;
      // Tables of nftables are called by family and name.
      return step.table.includes(' ') ? `policy ${step.verdict}` : `-P ${step.chain} ${step.action}`;
    case 'miss':
      return ruleText(step.chain, step.rule);
    case 'route':
      // `ip route` gives each of several next hops a line.
      return step.outcome.route === undefined ? undefined : printRoute(step.outcome.route).replace(/\s+/g, ' ');
    case 'ipvs':
      return printIpvsEntry(step.service, step.server);
    default:
      return undefined;
  }
}

/** Fifteen backends' paths pass the same rules, and a thousand questions of a suite do. */
const words = new WeakMap<Rule | NftRule, string>();

function ruleText(chain: string, rule: Rule | NftRule): string {
  let text = words.get(rule);
  if (text === undefined) {
    text = isNftRule(rule) ? printNftRule(rule) : printRuleSpec(rule);
    words.set(rule, text);
  }
  if (isNftRule(rule)) return text;
  return text === '' ? `-A ${chain}` : `-A ${chain} ${text}`;
}
