/** Rules in the words of iptables-save v1.8.9. */
import type { Rule } from './ruleset.ts';

/** Matches and target, as they stand behind `-A CHAIN`; empty for a rule that matches all and does nothing. */
export function printRuleSpec(rule: Rule): string {
  return [...rule.matches.map((match) => match.print()), rule.target.print()].filter((words) => words !== '').join(' ');
}

/** The whole line: `-A INPUT -i lo -j ACCEPT`. */
export function printRule(chain: string, rule: Rule): string {
  const words = printRuleSpec(rule);
  return words === '' ? `-A ${chain}` : `-A ${chain} ${words}`;
}
