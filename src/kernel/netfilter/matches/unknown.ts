/** A match that nettrace has no module for. It keeps its words, and both outcomes are possible. */
import type { Match } from '../match.ts';
import { printSaveWord } from '../targets/save-string.ts';

/** Options whose value iptables-save puts in quotes whatever it is (libxt_u32, libxt_bpf). */
const QUOTED: readonly string[] = ['--u32', '--bytecode'];

/** `words` are the options as they stood in the rule, `!` included. */
export function unknownMatch(name: string, words: readonly string[]): Match {
  const printed = words.map((word, index) =>
    QUOTED.includes(words[index - 1] ?? '') ? `"${word.replace(/["\\]/g, '\\$&')}"` : printSaveWord(word),
  );
  const text = ['-m', printSaveWord(name), ...printed].join(' ');
  return {
    name,
    test: (env) => env.chance({ kind: 'unknown', what: `match ${text.slice('-m '.length)} is not modelled` }),
    print: () => text,
  };
}
