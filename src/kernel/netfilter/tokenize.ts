/** One line of iptables-restore → words with their columns. */

export type Word = { readonly text: string /** From 1. */; readonly column: number };

type Tokens =
  | { readonly ok: true; readonly words: readonly Word[] }
  | { readonly ok: false; readonly message: string; readonly column: number };

/**
 * add_param_to_argv() of iptables (xshared.c): words stand between blanks; a double quote opens a word that ends with the
 * next one, and inside a backslash takes the next character as it is. Outside quotes a backslash and a single quote are
 * ordinary characters. In `shell` mode single quotes quote too, as people write them on a command line.
 */
export function tokenize(line: string, mode: 'restore' | 'shell' = 'restore'): Tokens {
  const words: Word[] = [];
  let text = '';
  let start: number | undefined;
  let quote: { readonly sign: string; readonly column: number } | undefined;
  const finish = (): void => {
    if (start !== undefined) words.push({ text, column: start });
    text = '';
    start = undefined;
  };
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (quote !== undefined) {
      if (character === '\\' && quote.sign === '"' && i + 1 < line.length) text += line.charAt(++i);
      else if (character === quote.sign) {
        quote = undefined;
        if (mode === 'restore') finish();
      } else text += character;
    } else if (character === '"' || (mode === 'shell' && character === "'")) {
      quote = { sign: character, column: i + 1 };
      start ??= i + 1;
    } else if (character === ' ' || character === '\t') finish();
    else {
      start ??= i + 1;
      text += character;
    }
  }
  if (quote !== undefined) return { ok: false, message: 'a quote is opened and not closed', column: quote.column };
  finish();
  return { ok: true, words };
}
