/** Words that are commands. Beside the list itself, so that commands can name each other without importing it. */

/** In the order of the list in commands.ts; a test compares the two. */
export const COMMAND_NAMES: readonly string[] = [
  'trace',
  'show',
  'compare',
  'matrix',
  'policy',
  'connectivity',
  'diff',
  'test',
  'lint',
  'validate',
  'codes',
  'lab',
  'completion',
];

/** Words that later versions take as commands: a Pod of such a name is written pod/NAME. */
export const LATER_COMMANDS: readonly string[] = ['learn', 'serve'];
