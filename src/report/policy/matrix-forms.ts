/** Forms of `nettrace matrix`. Each cell is one character, so that colour only repeats what it says. */

import type { Verdict } from '../../explain/verdict.ts';
import type { Matrix, MatrixCell } from '../../query/matrix/matrix.ts';
import { createWriter } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { printSafeJson } from '../safe-json.ts';
import { createPainter, pad, type Style, widthOf } from '../terminal.ts';
import { VERDICT_WORDS } from '../words.ts';
import { csvLine, markdownLine, markdownRule } from './table-forms.ts';
import { MATRIX_WORDS } from './words.ts';

const SIGNS: Readonly<Record<Verdict, readonly [sign: string, style: Style]>> = {
  delivered: ['.', 'good'],
  dropped: ['X', 'bad'],
  rejected: ['X', 'bad'],
  mixed: ['#', 'doubt'],
  undetermined: ['?', 'doubt'],
};

/** What stands where nothing was asked any more. */
const UNASKED = ' ';

/** Columns have numbers, which a list below explains: names of Pods are too long for headings. */
export function printMatrixText(matrix: Matrix, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const { paint, words } = writer;
  const { sources, destinations } = matrix;
  const cells = indexCells(matrix);
  const width = Math.max(0, ...sources.map(({ name }) => widthOf(name)));
  const column = String(destinations.length).length + 1;
  const heading = destinations.map((_, index) => String(index + 1).padStart(column)).join('');
  const lines = [`${' '.repeat(width)} ${paint(heading, 'heading')}`];
  for (const source of sources) {
    const row = destinations.map((destination) => {
      const cell = cells.get(keyOf(source.name, destination.name, destination.port));
      const [sign, style] = cell === undefined ? [UNASKED, 'plain' as const] : SIGNS[cell.verdict];
      return `${' '.repeat(column - 1)}${paint(sign, style)}`;
    });
    lines.push(`${paint(pad(source.name, width))} ${row.join('')}`.trimEnd());
  }
  lines.push('');
  for (const [index, destination] of destinations.entries()) {
    const port = destination.port === null ? destination.protocol : `${destination.port}/${destination.protocol}`;
    lines.push(paint(`${String(index + 1).padStart(column)}  ${destination.name} ${port}`));
  }
  lines.push('', paint(words(MATRIX_WORDS.legend)));
  const missing = sources.length * destinations.length - matrix.cells.length;
  if (missing > 0) lines.push(paint(words(MATRIX_WORDS.stopped, { missing: String(missing) }), 'doubt'));
  const why = causes(matrix.cells);
  if (why.length > 0) lines.push('', ...why.map(([code, count]) => paint(`${String(count).padStart(6)}  ${code}`)));
  return `${lines.join('\n')}\n`;
}

function causes(cells: readonly MatrixCell[]): readonly (readonly [code: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { code } of cells) if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

function keyOf(source: string, destination: string, port: number | null): string {
  return `${source} ${destination} ${port}`;
}

function indexCells({ cells }: Matrix): ReadonlyMap<string, MatrixCell> {
  return new Map(cells.map((cell) => [keyOf(cell.source, cell.destination, cell.port), cell]));
}

export function printMatrixJson({ sources, destinations, port, cells }: Matrix): string {
  const names = (ends: Matrix['sources']): readonly string[] => ends.map(({ name }) => name);
  const own = port === null;
  return `${printSafeJson(
    {
      sources: names(sources),
      destinations: names(destinations),
      port,
      cells: cells.map((cell) => ({
        source: cell.source,
        destination: cell.destination,
        verdict: cell.verdict,
        code: cell.code,
        ...(own ? { port: cell.port } : {}),
      })),
    },
    2,
  )}\n`;
}

const COLUMNS = ['source', 'destination', 'port', 'verdict', 'code'];

export function printMatrixCsv({ cells }: Matrix): string {
  const rows = cells.map(({ source, destination, port, verdict, code }) => [
    ...[source, destination, port === null ? '' : String(port), verdict, code ?? ''],
  ]);
  return [COLUMNS, ...rows].map(csvLine).join('');
}

/** A table as people expect it, with words in its cells. */
export function printMatrixMarkdown(matrix: Matrix, { language }: ReportOptions): string {
  const cells = indexCells(matrix);
  const rows = matrix.sources.map((source) => [
    source.name,
    ...matrix.destinations.map(({ name, port }) => {
      const cell = cells.get(keyOf(source.name, name, port));
      return cell === undefined ? '' : VERDICT_WORDS[cell.verdict][language];
    }),
  ]);
  const heading = ['', ...matrix.destinations.map(({ name, port }) => (port === null ? name : `${name}:${port}`))];
  return [markdownLine(heading), markdownRule(heading.length), ...rows.map(markdownLine)].join('');
}
