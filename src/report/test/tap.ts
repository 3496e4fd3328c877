/** TAP version 14 (testanything.org). */

import { knownFailureOf, type SuiteRun, type TestResult } from '../../suite/result.ts';
import { printSafeJson } from '../safe-json.ts';
import { escapeForTerminal } from '../terminal.ts';
import { printCommand } from './place.ts';

export function printTap({ results, unrun }: SuiteRun): string {
  const lines = ['TAP version 14', `1..${results.length}`];
  for (const [index, result] of results.entries()) lines.push(...testLines(result, index + 1));
  if (unrun > 0) lines.push(`Bail out! ${unrun} tests were not run`);
  return `${lines.join('\n')}\n`;
}

function testLines(result: TestResult, number: number): readonly string[] {
  const { suite, name, status, message, mismatches, test } = result;
  const known = knownFailureOf(result);
  const isOk = status !== 'failed' && known === undefined;
  const what = `${isOk ? 'ok' : 'not ok'} ${number} - ${plain(`${suite}: ${name}`)}`;
  if (status === 'skipped') return [`${what} # SKIP ${plain(message)}`];
  // What is to fail and does fails no run.
  if (known !== undefined) return [`${what} # TODO ${plain(known)}`];
  if (status === 'passed') return [what];
  return [
    what,
    '  ---',
    `  message: ${inQuotes(message)}`,
    `  at: ${inQuotes(`${test.at.file}:${test.at.line}`)}`,
    ...(mismatches[0] === undefined ? [] : [`  command: ${inQuotes(printCommand(mismatches[0].command))}`]),
    '  ...',
  ];
}

/** In a description `#` begins a directive and `\` escapes. */
function plain(text: string): string {
  return escapeForTerminal(text).replace(/[\\#]/g, (character) => `\\${character}`);
}

/** YAML's double quotes are JSON's; signs at which readers of YAML 1.1 end a line are not written as they are. */
function inQuotes(text: string): string {
  return printSafeJson(text);
}
