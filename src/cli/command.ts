/** What a command is. Its module is loaded only when it is the one that was asked for. */
import type { Argv } from 'yargs';
import type { Io } from './io.ts';

export type Arguments = Readonly<Record<string, unknown>>;

export type Command = {
  configure(yargs: Argv): Argv;
  /**
   * Throws CliError for everything that is the user's to mend. The status is an ExitCode, or that of a program which the
   * user asked to run.
   */
  run(args: Arguments, io: Io): number | Promise<number>;
};

export type CommandEntry = {
  /** yargs' usage: `show <what> [target]`; `$0` marks the command that needs no name. */
  readonly usage: string | readonly string[];
  readonly summary: string;
  /** What stands behind the first `--` is for another program: the command finds it in the argument `--`, unread. */
  readonly passesOn?: true;
  load(): Promise<{ readonly command: Command }>;
};

/** An option that is given twice: the last one counts, as with most tools. */
function lastOf(args: Arguments, name: string): unknown {
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  return Array.isArray(value) ? value.at(-1) : value;
}

export function stringOf(args: Arguments, name: string): string | undefined {
  const value = lastOf(args, name);
  return typeof value === 'string' ? value : undefined;
}

export function stringsOf(args: Arguments, name: string): readonly string[] {
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function numberOf(args: Arguments, name: string): number | undefined {
  const value = lastOf(args, name);
  return typeof value === 'number' ? value : undefined;
}

export function flagOf(args: Arguments, name: string): boolean {
  return lastOf(args, name) === true;
}
