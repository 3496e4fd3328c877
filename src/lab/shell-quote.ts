/** A word as POSIX sh reads it back unchanged: plain words as they are, others in single quotes. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_.:/@%+,=-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function shellLine(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}

/** A here-document whose text is taken literally; its end mark stands nowhere in the text. */
export function hereDocument(command: string, text: string): string {
  const lines = text.split('\n');
  let mark = 'END';
  while (lines.includes(mark)) mark = `${mark}_`;
  const body = text.endsWith('\n') ? text : `${text}\n`;
  return `${command} <<'${mark}'\n${body}${mark}`;
}
