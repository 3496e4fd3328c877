/** Workflow commands of GitHub Actions: each failed test becomes an annotation at its line. */
import type { SuiteRun } from '../../suite/result.ts';
import { githubCommand } from '../github-command.ts';
import { placeOfTest, printCommand } from './place.ts';

export function printGithub({ results, passed, failed, skipped, unrun }: SuiteRun): string {
  const lines = results.flatMap((result) => {
    if (result.status !== 'failed') return [];
    const { file, line } = placeOfTest(result);
    const command = result.mismatches[0] === undefined ? '' : `\n${printCommand(result.mismatches[0].command)}`;
    return [githubCommand('error', { file, line, title: result.name }, `${result.message}${command}`)];
  });
  if (unrun > 0) lines.push(githubCommand('error', { title: 'nettrace' }, `stopped: ${unrun} tests were not run`));
  const summary = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  return `${[...lines, githubCommand('notice', { title: 'nettrace' }, summary)].join('\n')}\n`;
}
