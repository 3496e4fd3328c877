/** Forms of `nettrace diff`: what was opened comes first, for that is what a reviewer has to see. */

import type { Text } from '../../explain/language.ts';
import type { ChangedRow, DiffAnswer, DiffRow } from '../../query/policy/diff-answer.ts';
import { createWriter, type Writer } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { printSafeJson } from '../safe-json.ts';
import { createPainter, type Style } from '../terminal.ts';
import { sayConnections } from './say-connections.ts';
import { csvLine, markdownLine, markdownRule } from './table-forms.ts';
import { DIFF_WORDS } from './words.ts';

export function* printDiffText(answer: DiffAnswer, options: ReportOptions): Generator<string> {
  const writer = createWriter(options, createPainter(options.colour));
  const { paint, words } = writer;
  const { added, changed, removed, workloads } = answer;
  let isFirst = true;
  function* block(lines: Iterable<string>): Generator<string> {
    if (!isFirst) yield '\n';
    isFirst = false;
    for (const line of lines) yield `${line}\n`;
  }
  function* put(title: Text, sign: string, style: Style, rows: readonly (DiffRow | ChangedRow)[]): Generator<string> {
    if (rows.length === 0) return;
    yield* block([paint(words(title), 'heading')]);
    for (const row of rows) {
      const line = 'before' in row ? changedLine(row, writer) : words(DIFF_WORDS.row, valuesOf(row, writer));
      yield `  ${paint(`${sign} ${line}`, style)}\n`;
    }
  }
  const ofPolicies = ({ workload }: DiffRow): boolean => workload === null;
  yield* put(DIFF_WORDS.opened, '+', 'bad', added.filter(ofPolicies));
  yield* put(DIFF_WORDS.changed, '~', 'doubt', changed);
  yield* put(DIFF_WORDS.closed, '-', 'good', removed.filter(ofPolicies));
  yield* put(
    DIFF_WORDS.byAdded,
    '+',
    'plain',
    added.filter((row) => !ofPolicies(row)),
  );
  yield* put(
    DIFF_WORDS.byRemoved,
    '-',
    'plain',
    removed.filter((row) => !ofPolicies(row)),
  );
  const names = [
    ...(workloads.added.length === 0 ? [] : [words(DIFF_WORDS.addedWorkloads, { names: workloads.added.join(', ') })]),
    ...(workloads.removed.length === 0
      ? []
      : [words(DIFF_WORDS.removedWorkloads, { names: workloads.removed.join(', ') })]),
  ];
  if (names.length > 0) yield* block(names.map((line) => paint(line)));
  if (isFirst) yield* block([paint(words(DIFF_WORDS.same))]);
}

const valuesOf = ({ src, dst, allowed }: DiffRow, writer: Writer) => ({
  src,
  dst,
  allowed: sayConnections(allowed, writer),
});

function changedLine(row: ChangedRow, writer: Writer): string {
  const { before, opened, closed, somePods } = row;
  const words = before === row.allowed ? DIFF_WORDS.sameRow : DIFF_WORDS.changedRow;
  const line = writer.words(words, { ...valuesOf(row, writer), before: sayConnections(before, writer) });
  if (!somePods) return line;
  const said =
    opened === null
      ? line
      : writer.words(DIFF_WORDS.somePodsOpened, { row: line, opened: sayConnections(opened, writer) });
  return closed === null
    ? said
    : writer.words(DIFF_WORDS.somePodsClosed, { row: said, closed: sayConnections(closed, writer) });
}

/** As JSON.stringify would print the whole, a row at a time. */
export function* printDiffJson({ added, removed, changed, workloads }: DiffAnswer): Generator<string> {
  yield '{\n';
  yield* list('added', added, rowToJson);
  yield* list('removed', removed, rowToJson);
  yield* list('changed', changed, changedToJson);
  yield `  "workloads": ${printSafeJson(workloads, 2).replaceAll('\n', '\n  ')}\n}\n`;
}

function* list<T>(name: string, rows: readonly T[], toJson: (row: T) => object): Generator<string> {
  yield `  "${name}": [`;
  for (const [index, row] of rows.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${printSafeJson(toJson(row), 2).replaceAll('\n', '\n    ')}`;
  }
  yield rows.length === 0 ? '],\n' : '\n  ],\n';
}

function rowToJson({ src, dst, allowed, workload }: DiffRow): object {
  return { src, dst, allowed, ...(workload === null ? {} : { workload }) };
}

function changedToJson(row: ChangedRow): object {
  const { before, opened, closed, somePods } = row;
  return {
    ...rowToJson(row),
    before,
    ...(opened === null ? {} : { opened }),
    ...(closed === null ? {} : { closed }),
    ...(somePods ? { somePods } : {}),
  };
}

const COLUMNS = ['change', 'src', 'dst', 'before', 'after', 'workload', 'opened', 'closed'];
const NOTHING = 'No Connections';

function* cellsOf({ added, changed, removed }: DiffAnswer): Generator<readonly string[]> {
  for (const { src, dst, allowed, workload } of added)
    yield ['added', src, dst, NOTHING, allowed, workload ?? '', allowed, ''];
  for (const { src, dst, before, allowed, workload, opened, closed } of changed)
    yield ['changed', src, dst, before, allowed, workload ?? '', opened ?? '', closed ?? ''];
  for (const { src, dst, allowed, workload } of removed)
    yield ['removed', src, dst, allowed, NOTHING, workload ?? '', '', allowed];
}

export function* printDiffCsv(answer: DiffAnswer): Generator<string> {
  yield csvLine(COLUMNS);
  for (const cells of cellsOf(answer)) yield csvLine(cells);
}

export function* printDiffMarkdown(answer: DiffAnswer): Generator<string> {
  yield markdownLine(COLUMNS);
  yield markdownRule(COLUMNS.length);
  for (const cells of cellsOf(answer)) yield markdownLine(cells);
}
