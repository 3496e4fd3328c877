/** Every other warning of the loader: none is lost because nobody has made it a rule of its own. */
import { text } from '../../explain/language.ts';
import type { LintRule } from '../rule.ts';
import { passOn } from './from-warning.ts';

/** @param ids of all rules: warnings with the code of one are that rule's */
export function inputWarning(ids: () => ReadonlySet<string>): LintRule {
  return {
    id: 'input-warning',
    severity: 'warning',
    title: text('The input is valid and something in it looks wrong', '输入有效，但其中有可疑之处'),
    why: text(
      'What nettrace validate warns of, and what has no rule of its own.',
      'nettrace validate 会给出的、没有单独规则的警告。',
    ),
    source: 'nettrace validate',
    check: ({ loaded }) => loaded.warnings.filter(({ code }) => !ids().has(code)).map(passOn),
  };
}
