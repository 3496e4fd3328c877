/** A suppression that names no rule: the finding that it was for is told, or something else was meant. */
import { phrase, text } from '../../explain/language.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { objectsWith } from '../object-places.ts';
import { found, type LintRule } from '../rule.ts';
import { ANNOTATION, splitRules } from '../suppressions.ts';

/** @param ids of all rules: the list cannot be imported by one of its own members */
export function unknownSuppression(ids: () => ReadonlySet<string>): LintRule {
  return {
    id: 'unknown-suppression',
    severity: 'warning',
    title: text('A suppression names a rule that does not exist', '抑制指令引用了不存在的规则'),
    why: text(
      'It suppresses nothing; a typing mistake there keeps the finding, or a rule was renamed.',
      '它不会抑制任何结果：可能是写错了规则名，或规则已改名。',
    ),
    source: 'nettrace',
    *check({ suppressions, cluster }) {
      const values = (rule: string) => ({ rule: plain(rule), best: nearest(rule, ids(), 1)[0] ?? '' });
      for (const { at, rules } of suppressions.comments) {
        for (const rule of rules.filter((each) => !ids().has(each))) {
          const own = values(rule);
          const hint = own.best === '' ? undefined : phrase(HINT, own);
          yield { kind: 'line', at, message: phrase(MESSAGE, own), hint };
        }
      }
      for (const { object, value } of objectsWith(cluster, ANNOTATION)) {
        for (const rule of splitRules(value).filter((each) => each !== 'all' && !ids().has(each))) {
          const own = values(rule);
          yield found(
            object,
            ['metadata', 'annotations', ANNOTATION],
            MESSAGE,
            own,
            own.best === '' ? {} : { hint: HINT },
          );
        }
      }
    },
  };
}

const MESSAGE = text('there is no rule {rule} to disable', '没有名为 {rule} 的规则可以关闭');
const HINT = text('did you mean {best}?', '是否想写 {best}？');
