/** A comparison for people: one column a mode, then why, then what differs. */
import { phrase } from '../explain/language.ts';
import { printShare } from '../query/answer-probe.ts';
import type { Comparison, ModeAnswer } from '../query/compare/comparison.ts';
import { COMPARE_WORDS, DIFFERENCE_WORDS } from './compare-words.ts';
import { createWriter, printBackend, questionOf, VERDICT_STYLES, type Writer } from './frame.ts';
import type { ReportOptions } from './options.ts';
import { createPainter, pad, type Style, widthOf } from './terminal.ts';
import { SYMPTOM_WORDS, VERDICT_WORDS, WORDS } from './words.ts';

/** Endpoints that get a row of their own. */
const BACKENDS_SHOWN = 12;
const GAP = 3;

type Cell = { readonly text: string; readonly style?: Style };
type Row = { readonly title: string; readonly cells: readonly Cell[] };

export function printComparisonText(comparison: Comparison, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const { paint, words } = writer;
  const { modes, differences, query } = comparison;
  const aspects = differences.map((one) => phrase(DIFFERENCE_WORDS[one]));
  const conclusion =
    aspects.length === 0 ? words(COMPARE_WORDS.noDifference) : words(COMPARE_WORDS.differences, { aspects });
  const assumed = new Map(modes.flatMap(({ assumptions }) => assumptions).map((one) => [one.message, one]));
  return [
    `${paint(questionOf(query), 'heading')}   ${paint(words(COMPARE_WORDS.title), 'faint')}`,
    '',
    ...printTable([headRow(modes), ...rowsOf(comparison, writer)], writer),
    '',
    paint(words(COMPARE_WORDS.why), 'heading'),
    ...modes.map(({ mode, result }) => `  ${paint(`${mode}: ${writer.sentence(result.summary)}`)}`),
    '',
    paint(conclusion),
    ...[...assumed.values()].map(({ code, message }) =>
      paint(words(WORDS.assumed, { what: writer.note(code, message) }), 'faint'),
    ),
    '',
  ].join('\n');
}

function headRow(modes: readonly ModeAnswer[]): Row {
  return { title: '', cells: modes.map(({ mode }) => ({ text: mode, style: 'heading' })) };
}

function rowsOf({ modes }: Comparison, { words }: Writer): readonly Row[] {
  const row = (title: string, cellOf: (answer: ModeAnswer) => Cell | string): Row => ({
    title,
    cells: modes.map((answer) => {
      const cell = cellOf(answer);
      return typeof cell === 'string' ? { text: cell } : cell;
    }),
  });
  return [
    row(words(COMPARE_WORDS.result), ({ result }) => ({
      text: words(VERDICT_WORDS[result.verdict]),
      style: VERDICT_STYLES[result.verdict],
    })),
    row(words(WORDS.symptom), ({ result }) =>
      result.verdict === 'undetermined' ? '-' : words(SYMPTOM_WORDS[result.symptom]),
    ),
    row(words(COMPARE_WORDS.code), ({ result }) => result.code ?? '-'),
    ...backendRows(modes, words(COMPARE_WORDS.backends), (count) =>
      words(COMPARE_WORDS.others, { count: String(count) }),
    ),
    row(words(COMPARE_WORDS.sourceSeen), ({ sourceSeen }) => (sourceSeen.length === 0 ? '-' : sourceSeen.join(', '))),
    row(words(COMPARE_WORDS.rules), ({ stats }) => String(stats.rulesExamined)),
    row(words(COMPARE_WORDS.chains), ({ stats }) => String(stats.chainsEntered)),
  ];
}

/** How many endpoints there are, then the share of each. */
function backendRows(modes: readonly ModeAnswer[], title: string, more: (count: number) => string): readonly Row[] {
  const names = [...new Set(modes.flatMap(({ backends }) => backends.map(({ backend }) => printBackend(backend))))];
  const shares = modes.map(
    ({ backends }) => new Map(backends.map(({ backend, share }) => [printBackend(backend), printShare(share)])),
  );
  const shown = names.slice(0, BACKENDS_SHOWN);
  const rest = names.length - shown.length;
  return [
    { title, cells: modes.map(({ backends }) => ({ text: String(backends.length) })) },
    ...shown.map((name) => ({ title: `  ${name}`, cells: shares.map((of) => ({ text: of.get(name) ?? '-' })) })),
    ...(rest > 0 ? [{ title: `  ${more(rest)}`, cells: [] }] : []),
  ];
}

function printTable(rows: readonly Row[], { paint }: Writer): readonly string[] {
  const titles = Math.max(...rows.map(({ title }) => widthOf(title)));
  const columns = rows[0]?.cells.map((_, index) =>
    Math.max(...rows.map(({ cells }) => widthOf(cells[index]?.text ?? ''))),
  );
  return rows.map(({ title, cells }) => {
    const padded = cells.map(({ text, style }, index) => {
      // Colour goes around the word alone, so that columns stay where they are.
      const blanks = ' '.repeat(Math.max(0, (columns?.[index] ?? 0) + GAP - widthOf(text)));
      return `${paint(text, style)}${index === cells.length - 1 ? '' : blanks}`;
    });
    return `${paint(pad(title, titles + GAP))}${padded.join('')}`.trimEnd();
  });
}
