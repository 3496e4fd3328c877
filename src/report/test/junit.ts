/** JUnit's XML as CI systems read it (the schema of Jenkins' xUnit plugin). Times are left out: output is reproducible. */
import type { SuiteRun, TestResult } from '../../suite/result.ts';
import { escapeMarkup } from './markup-text.ts';
import { printCommand } from './place.ts';

export function printJunit({ results, passed, failed, skipped }: SuiteRun): string {
  const suites = new Map<string, TestResult[]>();
  for (const result of results) {
    const list = suites.get(result.suite);
    if (list === undefined) suites.set(result.suite, [result]);
    else list.push(result);
  }
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="nettrace" tests="${passed + failed + skipped}" failures="${failed}" errors="0">`,
    ...[...suites].flatMap(([name, tests]) => suiteLines(name, tests)),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function suiteLines(name: string, tests: readonly TestResult[]): readonly string[] {
  const count = (status: TestResult['status']): number => tests.filter((test) => test.status === status).length;
  const counts = `tests="${tests.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}"`;
  return [`  <testsuite name="${escapeMarkup(name)}" ${counts}>`, ...tests.flatMap(caseLines), '  </testsuite>'];
}

function caseLines({ suite, name, status, message, mismatches }: TestResult): readonly string[] {
  const head = `    <testcase classname="${escapeMarkup(suite)}" name="${escapeMarkup(name)}"`;
  if (status === 'passed') return [`${head}/>`];
  if (status === 'skipped')
    return [`${head}>`, `      <skipped message="${escapeMarkup(message)}"/>`, '    </testcase>'];
  const details = mismatches.flatMap(({ source, destination, wrong, command }) => [
    `${source} -> ${destination}`,
    ...wrong.map((words) => `  ${words}`),
    `  ${printCommand(command)}`,
  ]);
  return [
    `${head}>`,
    `      <failure message="${escapeMarkup(message)}" type="AssertionError">${escapeMarkup(details.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}
