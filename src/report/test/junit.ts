/** JUnit's XML as CI systems read it (the schema of Jenkins' xUnit plugin). Times are left out: output is reproducible. */
import type { SuiteRun, TestResult } from '../../suite/result.ts';
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
  return [`  <testsuite name="${xml(name)}" ${counts}>`, ...tests.flatMap(caseLines), '  </testsuite>'];
}

function caseLines({ suite, name, status, message, mismatches }: TestResult): readonly string[] {
  const head = `    <testcase classname="${xml(suite)}" name="${xml(name)}"`;
  if (status === 'passed') return [`${head}/>`];
  if (status === 'skipped') return [`${head}>`, `      <skipped message="${xml(message)}"/>`, '    </testcase>'];
  const details = mismatches.flatMap(({ source, destination, wrong, command }) => [
    `${source} -> ${destination}`,
    ...wrong.map((words) => `  ${words}`),
    `  ${printCommand(command)}`,
  ]);
  return [
    `${head}>`,
    `      <failure message="${xml(message)}" type="AssertionError">${xml(details.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

/** XML 1.0 allows no control characters but tab and line break, not even escaped, and no lone surrogates. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/\n/g, '&#10;');
}
