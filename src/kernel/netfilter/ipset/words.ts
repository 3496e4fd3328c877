/** The words of one line for ipset: parted by blanks, double quotes hold several together, nothing escapes. */
export type Word = { readonly text: string /** Counted from 1. */; readonly column: number };

/** Columns count from 1. */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = [];
  for (const found of line.matchAll(/"([^"]*)"|\S+/g)) {
    words.push({ text: found[1] ?? found[0], column: found.index + 1 });
  }
  return words;
}
