/** `{"passed":N,"failed":N,"tests":[{"name","status","message"}]}`, and more of each test. */

import { say } from '../../explain/language.ts';
import type { SuiteRun } from '../../suite/result.ts';
import { printSafeJson } from '../safe-json.ts';

export function printJson({ passed, failed, skipped, unrun, results }: SuiteRun): string {
  const tests = results.map(({ suite, variant, name, status, message, mismatches, questions, test }) => ({
    name,
    status,
    message,
    suite,
    ...(variant === '' ? {} : { variant }),
    file: test.at.file,
    line: test.at.line,
    questions,
    mismatches: mismatches.map(({ source, destination, wrong, trace, command }) => ({
      source,
      destination,
      wrong,
      verdict: trace?.result.verdict ?? null,
      code: trace?.result.code ?? null,
      summary: trace === undefined ? null : say(trace.result.summary, 'en'),
      command,
    })),
  }));
  return `${printSafeJson({ passed, failed, skipped, ...(unrun > 0 ? { unrun } : {}), tests }, 2)}\n`;
}
