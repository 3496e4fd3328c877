/** JSON whose strings show what is in them: what could forge a line of a terminal or turn its direction is written as \uNNNN. */
import { UNSAFE } from './terminal.ts';

/** @param indent blanks for each level; none: all in one line */
export function printSafeJson(value: unknown, indent?: number): string {
  // A line break outside of strings is ours; JSON.stringify writes those inside, and tabs, with a backslash.
  return JSON.stringify(value, null, indent).replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
