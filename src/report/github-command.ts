/** Workflow commands of GitHub Actions: `::error file=a.yaml,line=3,title=…::message`. */

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

/** actions/toolkit command.ts: escapeData() and escapeProperty(). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
