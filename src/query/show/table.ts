/** Columns as kubectl prints them: three spaces between them, nothing behind the last (k8s.io/cli-runtime printers.GetNewTabWriter). */
export function printColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}
