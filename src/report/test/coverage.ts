/** Coverage of policies and Services: text for people, json, lcov for editors and CI, html to look at. */

import { phrase, say } from '../../explain/language.ts';
import { type CoveredItem, coveredPercent } from '../../suite/coverage/coverage.ts';
import type { CoverageKind } from '../../suite/coverage/coverage-item.ts';
import type { ReportOptions } from '../options.ts';
import { printSafeJson } from '../safe-json.ts';
import { createPainter } from '../terminal.ts';
import { escapeMarkup } from './markup-text.ts';
import { COVERAGE_WORDS, IDLE_WORDS } from './words.ts';

export type CoverageForm = 'text' | 'json' | 'lcov' | 'html';

export const COVERAGE_FORMS: Readonly<
  Record<CoverageForm, (items: readonly CoveredItem[], options: ReportOptions) => string>
> = { text: printText, json: printJson, lcov: printLcov, html: printHtml };

const KINDS: readonly CoverageKind[] = ['policy', 'rule', 'peer', 'port', 'service'];

/** `66.7`: one digit, never rounded up to 100. */
function percent(items: readonly CoveredItem[]): string {
  return (Math.floor(coveredPercent(items) * 10) / 10).toFixed(1);
}

function printText(items: readonly CoveredItem[], { language, colour }: ReportOptions): string {
  const paint = createPainter(colour);
  const lines = KINDS.flatMap((kind) => {
    const own = items.filter((item) => item.kind === kind);
    if (own.length === 0) return [];
    const hit = own.filter(({ hits }) => hits > 0).length;
    return [`${say(phrase(COVERAGE_WORDS[kind]), language)} ${hit}/${own.length} (${percent(own)} %)`];
  });
  const missed = items.filter(({ hits }) => hits === 0);
  const list = missed.map(({ name, file, line, idle }) => {
    const place = file === undefined ? '' : `  ${file}:${line ?? '?'}`;
    const why = idle === undefined ? '' : `  (${say(phrase(IDLE_WORDS[idle]), language)})`;
    return `  ${paint(name)}${paint(place, 'faint')}${why}`;
  });
  const title = say(phrase(COVERAGE_WORDS.title, { percent: percent(items) }), language);
  const heading = missed.length === 0 ? [] : [paint(say(phrase(COVERAGE_WORDS.missed), language), 'bad')];
  return `${[paint(title, 'heading'), ...lines, ...heading, ...list].join('\n')}\n`;
}

function printJson(items: readonly CoveredItem[]): string {
  const listed = items.map(({ kind, name, file, line, hits, idle }) => ({
    kind,
    name,
    file: file ?? null,
    line: line ?? null,
    hits,
    ...(idle === undefined ? {} : { idle }),
  }));
  return `${printSafeJson({ percent: Number(percent(items)), items: listed }, 2)}\n`;
}

/** geninfo(1): one record a file, one DA line a line; where items share a line the least of them counts. */
function printLcov(items: readonly CoveredItem[]): string {
  const files = new Map<string, Map<number, number>>();
  for (const { file, line, hits } of items) {
    if (file === undefined || line === undefined) continue;
    const lines = files.get(file) ?? new Map<number, number>();
    lines.set(line, Math.min(lines.get(line) ?? Number.POSITIVE_INFINITY, hits));
    files.set(file, lines);
  }
  const records = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, lines]) => {
      const sorted = [...lines].sort(([a], [b]) => a - b);
      return [
        'TN:nettrace',
        `SF:${file.replace(/[\r\n]/g, ' ')}`,
        ...sorted.map(([line, hits]) => `DA:${line},${hits}`),
        `LF:${sorted.length}`,
        `LH:${sorted.filter(([, hits]) => hits > 0).length}`,
        'end_of_record',
      ];
    });
  return records.length === 0 ? '' : `${records.join('\n')}\n`;
}

function printHtml(items: readonly CoveredItem[], { language }: ReportOptions): string {
  const rows = items.map(({ kind, name, file, line, hits, idle }) => {
    const place = file === undefined ? '' : `${file}:${line ?? ''}`;
    const mark = say(phrase(hits > 0 ? COVERAGE_WORDS.covered : COVERAGE_WORDS.uncovered), language);
    const why = idle === undefined ? '' : say(phrase(IDLE_WORDS[idle]), language);
    const cells = [mark, say(phrase(COVERAGE_WORDS[kind]), language), name, place, String(hits), why];
    return `<tr class="${hits > 0 ? 'hit' : 'miss'}">${cells.map((cell) => `<td>${escapeMarkup(cell)}</td>`).join('')}</tr>`;
  });
  const title = say(phrase(COVERAGE_WORDS.title, { percent: percent(items) }), language);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<title>${escapeMarkup(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
td { padding: 0.2rem 0.8rem; border-bottom: 1px solid #ddd; }
.miss td { background: #fdecea; color: #611a15; }
</style>
</head>
<body>
<h1>${escapeMarkup(title)}</h1>
<table>
${rows.join('\n')}
</table>
</body>
</html>
`;
}
