/** A target that nettrace has no module for. It keeps its words, and both outcomes are possible: see TargetOutcome. */
import type { Target } from '../target.ts';
import { printSaveWord } from './save-string.ts';

/** `words` are the target's options as they stood in the rule; they are printed back unchanged. */
export function unknownTarget(name: string, words: readonly string[]): Target {
  const text = ['-j', name, ...words.map(printSaveWord)].join(' ');
  return {
    name,
    fire: () => ({ kind: 'unknown', what: `target ${name} is not modelled` }),
    print: () => text,
  };
}
