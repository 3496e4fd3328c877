/** `{"findings":[{"rule","severity","message","file","line","object"}]}`, with column and hint beside. */

import { type Language, say } from '../../explain/language.ts';
import type { Finding } from '../../lint/rule.ts';
import { printSafeJson } from '../safe-json.ts';

export function printLintJson(findings: readonly Finding[], language: Language): string {
  const rows = findings.map(({ rule, severity, message, hint, at, object }) => ({
    rule,
    severity,
    message: say(message, language),
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    object: object ?? null,
    hint: hint === undefined ? null : say(hint, language),
  }));
  return `${printSafeJson({ findings: rows }, 2)}\n`;
}
