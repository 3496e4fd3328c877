/** Rows as CSV (RFC 4180) and as a table of Markdown. */

import { escapeForTerminal } from '../terminal.ts';

/** One line with its end. A text that a spreadsheet would run as a formula cannot begin a cell: names and verdicts never do. */
export function csvLine(cells: readonly string[]): string {
  const safe = cells.map(escapeForTerminal);
  return `${safe.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

export function markdownLine(cells: readonly string[]): string {
  return `| ${cells.map(markdownCell).join(' | ')} |\n`;
}

/** The line below the headings. */
export function markdownRule(columns: number): string {
  return `|${' --- |'.repeat(columns)}\n`;
}

/** Nothing in it is markup, and nothing ends the cell. */
function markdownCell(text: string): string {
  return escapeForTerminal(text.replace(/[\r\n]+/g, ' ')).replace(/[\\|`*_<>[\]]/g, '\\$&');
}
