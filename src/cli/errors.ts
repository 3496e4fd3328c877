/** Reasons to stop with a message and an exit code. They are thrown by commands and caught in one place: run-cli.ts. */
import { comparePositions } from '../cluster/source.ts';
import type { Issue, Position } from '../lib/result.ts';
import { escapeForTerminal } from '../report/terminal.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  /** Whether it begins with `FILE:LINE:COLUMN:`, which editors and CI look for at the beginning of a line. */
  readonly located: boolean;

  constructor(exitCode: ExitCode, message: string, located = false) {
    super(message);
    this.exitCode = exitCode;
    this.located = located;
  }
}

/** The error for standard error: with the name of the program where no file stands in its place. */
export function printCliError({ message, located }: CliError): string {
  return `${located ? '' : 'nettrace: '}${escapeLines(message)}\n`;
}

export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

/** All issues, one paragraph each, in the order of the files. */
export function inputError(issues: readonly Issue[], exitCode: ExitCode = EXIT.invalidInput): CliError {
  const sorted = inOrder(issues);
  return new CliError(exitCode, sorted.map(printIssue).join('\n'), sorted[0]?.at !== undefined);
}

export function inOrder(issues: readonly Issue[]): readonly Issue[] {
  return [...issues].sort((a, b) => comparePositions(a.at, b.at));
}

/** `db.yaml:7:5: error: unknown field "podSelecter" (did you mean podSelector?) [unknown-field]` */
export function printIssue(issue: Issue): string {
  const at = issue.at === undefined ? '' : `${printPosition(issue.at)}: `;
  const hint = issue.hint === undefined ? '' : `\n  ${issue.hint}`;
  return escapeLines(`${at}${issue.severity}: ${issue.message} [${issue.code}]${hint}`);
}

function printPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** Escapes each line, so that only our own line breaks stay. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeForTerminal).join('\n');
}
