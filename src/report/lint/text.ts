/** Findings for people: a line each, with its hint below; and the list of rules. */
import { type Language, phrase, say, type Text } from '../../explain/language.ts';
import { type Finding, type LintRule, SEVERITIES, type Severity } from '../../lint/rule.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter, pad, type Style } from '../terminal.ts';
import { LINT_WORDS, SEVERITY_WORDS } from './words.ts';

const STYLES: Readonly<Record<Severity, Style>> = { error: 'bad', warning: 'doubt', info: 'faint' };

export function printLintText(findings: readonly Finding[], { language, colour }: ReportOptions): string {
  const paint = createPainter(colour);
  const lines = findings.flatMap(({ rule, severity, message, hint, at, object }) => {
    const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
    const subject = object === undefined ? '' : `${object}: `;
    const level = paint(say(phrase(SEVERITY_WORDS[severity]), language), STYLES[severity]);
    const line = `${paint(place)}${level}: ${paint(`${subject}${say(message, language)}`)} ${paint(`[${rule}]`, 'faint')}`;
    return hint === undefined ? [line] : [line, `  ${paint(say(hint, language))}`];
  });
  return `${[...lines, paint(summaryOf(findings, language))].join('\n')}\n`;
}

export function summaryOf(findings: readonly Finding[], language: Language): string {
  if (findings.length === 0) return say(phrase(LINT_WORDS.clean), language);
  const counts = Object.fromEntries(
    SEVERITIES.map((severity) => [severity, String(findings.filter((each) => each.severity === severity).length)]),
  );
  return say(phrase(LINT_WORDS.summary, counts), language);
}

export function printRuleList(rules: readonly LintRule[], { language, colour }: ReportOptions): string {
  const paint = createPainter(colour);
  const width = Math.max(...rules.map(({ id }) => id.length));
  const words = (words: Text): string => say(phrase(words), language);
  const level = Math.max(...SEVERITIES.map((severity) => severity.length));
  const lines = rules.map(
    ({ id, severity, title }) =>
      `${paint(pad(id, width))}  ${paint(pad(words(SEVERITY_WORDS[severity]), level), STYLES[severity])}  ${paint(words(title))}`,
  );
  return `${lines.join('\n')}\n`;
}

export function printRule({ id, severity, title, why, source }: LintRule, { language, colour }: ReportOptions): string {
  const paint = createPainter(colour);
  const said = (words: Text, values: Readonly<Record<string, string>> = {}): string =>
    paint(say(phrase(words, values), language));
  const level = say(phrase(SEVERITY_WORDS[severity]), language);
  return [
    `${paint(id, 'heading')}: ${said(title)}`,
    '',
    said(why),
    '',
    said(LINT_WORDS.severity, { severity: level }),
    said(LINT_WORDS.source, { source }),
    said(LINT_WORDS.suppress, { rule: id }),
    '',
  ].join('\n');
}
