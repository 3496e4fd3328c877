/** SARIF 2.1.0 for code scanning: every rule is described, findings refer to them. */
import { type Language, phrase, say, type Text } from '../../explain/language.ts';
import type { Finding, LintRule, Severity } from '../../lint/rule.ts';
import { type Place, printSarifLog, sarifLocation } from '../sarif-log.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function printLintSarif(
  findings: readonly Finding[],
  rules: readonly LintRule[],
  version: string,
  language: Language,
): string {
  const words = (words: Text): { readonly text: string } => ({ text: say(phrase(words), language) });
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return printSarifLog({
    version,
    rules: rules.map(({ id, title, why, severity }) => ({
      id,
      shortDescription: words(title),
      fullDescription: words(why),
      defaultConfiguration: { level: LEVELS[severity] },
    })),
    results: findings.map(({ rule, severity, message, hint, at, object }) => ({
      ruleId: rule,
      ruleIndex: indexes.get(rule) ?? -1,
      level: LEVELS[severity],
      message: {
        text: messageOf(object, say(message, language), hint === undefined ? undefined : say(hint, language)),
      },
      ...(at === undefined ? {} : { locations: [sarifLocation(placeOf(at))] }),
    })),
  });
}

function placeOf({ file, line, column }: NonNullable<Finding['at']>): Place {
  return { file, line, column };
}

function messageOf(object: string | undefined, message: string, hint: string | undefined): string {
  return `${object === undefined ? '' : `${object}: `}${message}${hint === undefined ? '' : `\n${hint}`}`;
}
