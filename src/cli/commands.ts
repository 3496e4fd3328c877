/** The list of commands. A new one is a module that exports `command`, and a line here. */
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    usage: ['$0 [source] [destination]', 'trace [source] [destination]'],
    summary: 'Walk a packet from SOURCE to DESTINATION, and its reply, and say what happens and why',
    load: () => import('./trace.ts'),
  },
  {
    usage: 'show <what> [target]',
    summary: 'Print what a machine holds, as the real tool prints it',
    load: () => import('./show.ts'),
  },
  { usage: 'validate', summary: 'Check the input files only', load: () => import('./validate.ts') },
  {
    usage: 'codes [code]',
    summary: 'What a reason code means, its usual causes and fixes',
    load: () => import('./codes.ts'),
  },
  {
    usage: 'completion [shell]',
    summary: 'Print a script that completes commands and options',
    load: () => import('./completion.ts'),
  },
];

/** Words that later versions take as commands: a Pod of such a name is written pod/NAME. */
export const LATER_COMMANDS: readonly string[] = [
  'matrix',
  'policy',
  'connectivity',
  'diff',
  'lint',
  'test',
  'learn',
  'serve',
];

/** The names by which commands are called. */
export function commandNames(): readonly string[] {
  return COMMANDS.flatMap(({ usage }) => (typeof usage === 'string' ? [usage] : usage))
    .map((usage) => usage.split(' ')[0] ?? '')
    .filter((name) => name !== '$0');
}
