/**
 * Many tests as a table of who reaches whom:
 *
 *     from/to  api:8080  db:5432
 *     web      .         X
 *     api      -         .
 *
 * The corner is `from/to`, `_` or left out (YAML wants the first line of a block indented the least). `.` is delivered, `X`
 * blocked, `-` is not asked. Columns are destinations, rows sources.
 */
import { quote } from '../lib/quote.ts';
import type { Parsed } from './one-line.ts';
import type { ExpectedVerdict } from './suite.ts';

export type TableCell = {
  readonly from: string;
  readonly to: string;
  readonly verdict: ExpectedVerdict;
  /** Line inside the text, from 0. */
  readonly line: number;
};

const CORNERS: readonly string[] = ['from/to', '_'];

const CELLS: ReadonlyMap<string, ExpectedVerdict | undefined> = new Map<string, ExpectedVerdict | undefined>([
  ['.', 'delivered'],
  ['X', 'blocked'],
  ['x', 'blocked'],
  ['-', undefined],
]);

export function parseTruthTable(text: string): Parsed<readonly TableCell[]> {
  const lines = text
    .split('\n')
    .map((line, number) => ({ words: line.trim().split(/\s+/), number, blank: line.trim() === '' }));
  const [head, ...rows] = lines.filter(({ blank }) => !blank);
  if (head === undefined || rows.length === 0)
    return { ok: false, message: 'expected a line of destinations and lines of sources' };
  const destinations = CORNERS.includes(head.words[0] ?? '') ? head.words.slice(1) : head.words;
  const cells: TableCell[] = [];
  for (const { words, number } of rows) {
    const [from = '', ...marks] = words;
    if (marks.length !== destinations.length) {
      const counts = `${marks.length} marks for ${destinations.length} destinations`;
      return { ok: false, message: `line ${number + 1} of the table: ${quote(from)} has ${counts}` };
    }
    for (const [index, mark] of marks.entries()) {
      if (!CELLS.has(mark)) {
        return { ok: false, message: `line ${number + 1} of the table: ${quote(mark)} is no mark (known: . X -)` };
      }
      const verdict = CELLS.get(mark);
      if (verdict !== undefined) cells.push({ from, to: destinations[index] ?? '', verdict, line: number });
    }
  }
  return cells.length === 0 ? { ok: false, message: 'the table asks nothing' } : { ok: true, value: cells };
}
