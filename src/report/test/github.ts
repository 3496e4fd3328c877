/** Workflow commands of GitHub Actions: each failed test becomes an annotation at its line. */
import type { SuiteRun } from '../../suite/result.ts';
import { placeOfTest, printCommand } from './place.ts';

export function printGithub({ results, passed, failed, skipped }: SuiteRun): string {
  const lines = results.flatMap((result) => {
    if (result.status !== 'failed') return [];
    const { file, line } = placeOfTest(result);
    const command = result.mismatches[0] === undefined ? '' : `\n${printCommand(result.mismatches[0].command)}`;
    const properties = `file=${property(file)},line=${line},title=${property(result.name)}`;
    return [`::error ${properties}::${data(`${result.message}${command}`)}`];
  });
  return `${[...lines, `::notice title=nettrace::${passed} passed, ${failed} failed, ${skipped} skipped`].join('\n')}\n`;
}

/** actions/toolkit command.ts: escapeData() and escapeProperty(). */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
