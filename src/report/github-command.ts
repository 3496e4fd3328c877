/** Workflow commands of GitHub Actions: `::error file=a.yaml,line=3,title=…::message`. */
import { escapeForTerminal } from './terminal.ts';

/** Properties without a value are left out. */
export function githubCommand(
  command: 'error' | 'warning' | 'notice',
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string {
  const printed = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`],
  );
  return `::${command}${printed.length === 0 ? '' : ` ${printed.join(',')}`}::${escapeData(message)}`;
}

/**
 * actions/toolkit command.ts: escapeData() and escapeProperty(). Ends of lines are data there; what else is unsafe on a terminal
 * is so in the log of a job.
 */
function escapeData(text: string): string {
  const lines = text.split(/(\r?\n)/).map((part, index) => (index % 2 === 0 ? escapeForTerminal(part) : part));
  return lines.join('').replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
