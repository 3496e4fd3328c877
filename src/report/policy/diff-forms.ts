/** Forms of `nettrace diff`: what was opened comes first, for that is what a reviewer has to see. */

import type { Text } from '../../explain/language.ts';
import type { ChangedRow, DiffAnswer, DiffRow } from '../../query/policy/diff-answer.ts';
import { createWriter } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter, type Style } from '../terminal.ts';
import { csvLine, markdownLine, markdownRule } from './table-forms.ts';
import { DIFF_WORDS } from './words.ts';

export function printDiffText(answer: DiffAnswer, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const { paint, words } = writer;
  const { added, changed, removed, workloads } = answer;
  const blocks: string[][] = [];
  const put = (title: Text, sign: string, style: Style, rows: readonly (DiffRow | ChangedRow)[]): void => {
    if (rows.length === 0) return;
    const lines = rows.map((row) => {
      const values = { src: row.src, dst: row.dst, allowed: row.allowed };
      const line =
        'before' in row
          ? words(DIFF_WORDS.changedRow, { ...values, before: row.before })
          : words(DIFF_WORDS.row, values);
      return `  ${paint(`${sign} ${line}`, style)}`;
    });
    blocks.push([paint(words(title), 'heading'), ...lines]);
  };
  const ofPolicies = ({ workload }: DiffRow): boolean => workload === null;
  put(DIFF_WORDS.opened, '+', 'bad', added.filter(ofPolicies));
  put(DIFF_WORDS.changed, '~', 'doubt', changed);
  put(DIFF_WORDS.closed, '-', 'good', removed.filter(ofPolicies));
  put(
    DIFF_WORDS.byAdded,
    '+',
    'plain',
    added.filter((row) => !ofPolicies(row)),
  );
  put(
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
  if (names.length > 0) blocks.push(names.map((line) => paint(line)));
  if (blocks.length === 0) blocks.push([paint(words(DIFF_WORDS.same))]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

export function printDiffJson({ added, removed, changed, workloads }: DiffAnswer): string {
  return `${JSON.stringify({ added: added.map(rowToJson), removed: removed.map(rowToJson), changed: changed.map(changedToJson), workloads }, null, 2)}\n`;
}

function rowToJson({ src, dst, allowed, workload }: DiffRow): object {
  return { src, dst, allowed, ...(workload === null ? {} : { workload }) };
}

function changedToJson(row: ChangedRow): object {
  const { before, opened, closed } = row;
  return {
    ...rowToJson(row),
    before,
    ...(opened === null ? {} : { opened }),
    ...(closed === null ? {} : { closed }),
  };
}

const COLUMNS = ['change', 'src', 'dst', 'before', 'after', 'workload'];
const NOTHING = 'No Connections';

function cellsOf({ added, changed, removed }: DiffAnswer): readonly (readonly string[])[] {
  return [
    ...added.map(({ src, dst, allowed, workload }) => ['added', src, dst, NOTHING, allowed, workload ?? '']),
    ...changed.map(({ src, dst, before, allowed, workload }) => ['changed', src, dst, before, allowed, workload ?? '']),
    ...removed.map(({ src, dst, allowed, workload }) => ['removed', src, dst, allowed, NOTHING, workload ?? '']),
  ];
}

export function printDiffCsv(answer: DiffAnswer): string {
  return [COLUMNS, ...cellsOf(answer)].map(csvLine).join('');
}

export function printDiffMarkdown(answer: DiffAnswer): string {
  return [markdownLine(COLUMNS), markdownRule(COLUMNS.length), ...cellsOf(answer).map(markdownLine)].join('');
}
