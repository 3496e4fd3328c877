/** The words of one line for ipset: parted by blanks, double quotes hold several together, nothing escapes. */
import { type Issue, issue } from '../../../lib/result.ts';
import type { ArgumentError } from '../arguments.ts';

export type Word = { readonly text: string /** Counted from 1. */; readonly column: number };

/** Columns count from 1. */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = [];
  for (const found of line.matchAll(/"([^"]*)"|\S+/g)) {
    words.push({ text: found[1] ?? found[0], column: found.index + 1 });
  }
  return words;
}

/** Where the text begins in its file: `line` is the number of its first line. */
export type TextPlace = { readonly file: string; readonly line: number };

/** The error at the word that it is about; at the last one where the line ends too early. */
export function issueAt(words: readonly Word[], error: ArgumentError, code: string, { file, line }: TextPlace): Issue {
  const column = words[Math.min(error.at, words.length - 1)]?.column ?? 1;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return issue(code, error.message, { at: { file, line, column }, ...hint });
}
