/** Words and signs of nft's language, with their places. */
export type Token = {
  /** `end` is a line break or a semicolon, `line` a line break alone. */
  readonly kind: 'word' | 'string' | 'sign' | 'end' | 'line';
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Offsets into the text: rules that are not understood are kept as they were written. */
  readonly from: number;
  readonly to: number;
};

/** One expression after another: whichever fits first. Words hold `. : / - @ *`, which mean something only alone. */
const TOKEN =
  /[ \t\r]+|\\\r?\n|#[^\n]*|(\n)|(;)|"([^"\n]*)"|(==|!=|<=|>=|<<|>>|[{}(),=<>!|&^[\]$])|([^\s{}(),=<>!|&^[\];"$#\\]+)|(.)/gy;

/** `line` and `column` are where the text begins. Signs that nft does not know become signs of their own. */
export function tokenize(text: string, line = 1, column = 1): readonly Token[] {
  const tokens: Token[] = [];
  let row = line;
  let start = -(column - 1);
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [whole, newline, semicolon, quoted, sign, word, other] = match;
    const from = match.index;
    const at = { line: row, column: from - start + 1, from, to: from + whole.length };
    if (newline !== undefined) tokens.push({ kind: 'line', text: '\n', ...at });
    else if (semicolon !== undefined) tokens.push({ kind: 'end', text: ';', ...at });
    else if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted, ...at });
    else if (sign !== undefined || other !== undefined) tokens.push({ kind: 'sign', text: sign ?? other ?? '', ...at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...at });
    if (whole.endsWith('\n')) {
      row++;
      // Lines of a block inside a document all begin in the same column.
      start = from + whole.length - (column - 1);
    }
  }
  return tokens;
}
