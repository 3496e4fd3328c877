/** JUnit's XML as CI systems read it (the schema of Jenkins' xUnit plugin). Times are left out: output is reproducible. */
import { knownFailureOf, type SuiteRun, type TestResult } from '../../suite/result.ts';
import { escapeMarkup } from './markup-text.ts';
import { printCommand } from './place.ts';

export function printJunit({ results, passed, failed, skipped, unrun }: SuiteRun): string {
  const suites = new Map<string, TestResult[]>();
  for (const result of results) {
    const list = suites.get(result.suite);
    if (list === undefined) suites.set(result.suite, [result]);
    else list.push(result);
  }
  const errors = unrun > 0 ? 1 : 0;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="nettrace" tests="${passed + failed + skipped + errors}" failures="${failed}" errors="${errors}">`,
    ...[...suites].flatMap(([name, tests]) => suiteLines(name, tests)),
    ...(unrun > 0 ? unrunLines(unrun) : []),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

/** The form knows no test that was never begun: one error stands for all of them, so that nobody takes the run for whole. */
function unrunLines(unrun: number): readonly string[] {
  const message = `stopped: ${unrun} tests were not run`;
  return [
    '  <testsuite name="nettrace" tests="1" failures="0" errors="1" skipped="0">',
    '    <testcase classname="nettrace" name="every test is run">',
    `      <error message="${message}" type="Interrupted"/>`,
    '    </testcase>',
    '  </testsuite>',
  ];
}

function suiteLines(name: string, tests: readonly TestResult[]): readonly string[] {
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const skipped = tests.filter((test) => skippedBecause(test) !== undefined).length;
  const counts = `tests="${tests.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
  return [`  <testsuite name="${escapeMarkup(name)}" ${counts}>`, ...tests.flatMap(caseLines), '  </testsuite>'];
}

/** The form has no word for a failure that is known; pytest writes its own (xfail) as skipped, too. */
function skippedBecause(result: TestResult): string | undefined {
  if (result.status === 'skipped') return result.message;
  return knownFailureOf(result) === undefined ? undefined : result.message;
}

function caseLines(result: TestResult): readonly string[] {
  const { suite, name, status, message, mismatches } = result;
  const head = `    <testcase classname="${escapeMarkup(suite)}" name="${escapeMarkup(name)}"`;
  const skipped = skippedBecause(result);
  if (skipped !== undefined)
    return [`${head}>`, `      <skipped message="${escapeMarkup(skipped)}"/>`, '    </testcase>'];
  if (status === 'passed') return [`${head}/>`];
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
