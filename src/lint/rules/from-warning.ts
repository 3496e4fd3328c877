/** A rule that passes on what the loader warns of: the check and its words stay in one place. */
import type { Issue } from '../../lib/result.ts';
import type { Found, LintRule } from '../rule.ts';

/** @param code of the loader's warning; the rule's id where none is given */
export function fromWarning(rule: Omit<LintRule, 'check'>, code: string = rule.id): LintRule {
  return { ...rule, check: ({ warnings }) => warnings(code).map(passOn) };
}

export function passOn(issue: Issue): Found {
  return { kind: 'issue', issue };
}
