/** Rules from text, for tests. */
import { parseRule } from '../../../src/kernel/netfilter/parse-rule.ts';
import { printRuleSpec } from '../../../src/kernel/netfilter/print-rule.ts';
import type { Rule } from '../../../src/kernel/netfilter/ruleset.ts';
import { tokenize } from '../../../src/kernel/netfilter/tokenize.ts';

export function wordsOf(text: string): readonly string[] {
  const tokens = tokenize(text);
  if (!tokens.ok) throw new Error(`${tokens.message}: ${text}`);
  return tokens.words.map((word) => word.text);
}

/** The chains X and Y exist. */
export function ruleOf(text: string, family: 4 | 6 = 4): Rule {
  return parseRule(
    { args: wordsOf(text) },
    { family, isChain: (name) => name === 'X' || name === 'Y', chains: ['X', 'Y'] },
  );
}

/** The rule in canonical form. */
export function reprint(text: string, family: 4 | 6 = 4): string {
  return printRuleSpec(ruleOf(text, family));
}
