/** Every rule with an input that it finds something in, at the very line, and the like of it that is right. */
import { describe, expect, it } from 'vitest';
import { LANGUAGES, placeholdersOf } from '../../src/explain/language.ts';
import { RULES } from '../../src/lint/rules/index.ts';
import { ROWS } from './rows.ts';
import { linesOf, lintText, markedLines } from './support.ts';

describe.each(ROWS)('$rule', ({ rule, hit, miss, lenient = false }) => {
  it('is found at its line', () => {
    const findings = lintText(hit, { lenient });
    expect(markedLines(hit)).not.toEqual([]);
    expect(linesOf(findings, rule)).toEqual(markedLines(hit));
  });

  it('is not found where nothing is wrong', () => {
    expect(linesOf(lintText(miss, { lenient }), rule)).toEqual([]);
  });

  it('says it in both languages, with every value', () => {
    for (const { message, hint } of lintText(hit, { lenient }).filter((finding) => finding.rule === rule)) {
      for (const phrase of hint === undefined ? [message] : [message, hint]) {
        for (const language of LANGUAGES) {
          expect(Object.keys(phrase.values)).toEqual(
            expect.arrayContaining([...placeholdersOf(phrase.text[language])]),
          );
        }
      }
    }
  });
});

it('has a row for every rule', () => {
  expect([...new Set(ROWS.map(({ rule }) => rule))].sort()).toEqual(RULES.map(({ id }) => id).sort());
});

it.each(RULES.map((rule) => [rule.id, rule] as const))(
  '%s is described in both languages',
  (id, { title, why, source }) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const words of [title, why]) {
      expect(words.en).not.toBe('');
      expect(words.zh).toMatch(/[\u4e00-\u9fff]/);
    }
    expect(source).not.toBe('');
  },
);
