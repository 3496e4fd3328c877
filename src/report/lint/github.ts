/** Each finding as an annotation at its line. */
import { type Language, say } from '../../explain/language.ts';
import type { Finding } from '../../lint/rule.ts';
import { githubCommand } from '../github-command.ts';
import { summaryOf } from './text.ts';

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const;

export function printLintGithub(findings: readonly Finding[], language: Language): string {
  const lines = findings.map(({ rule, severity, message, hint, at, object }) => {
    const text = `${object === undefined ? '' : `${object}: `}${say(message, language)}`;
    const properties = { file: at?.file, line: at?.line, col: at?.column, title: rule };
    return githubCommand(COMMANDS[severity], properties, hint === undefined ? text : `${text}\n${say(hint, language)}`);
  });
  return `${[...lines, githubCommand('notice', { title: 'nettrace lint' }, summaryOf(findings, language))].join('\n')}\n`;
}
