/** `connectivity -o csv` and `-o md`. */
import { say } from '../../explain/language.ts';
import { printTitle } from '../../explain/origin-view.ts';
import type { ConnectivityAnswer, Reason, RowView } from '../../query/policy/connectivity-answer.ts';
import type { DecidedBy } from '../../query/policy/policy-answer.ts';
import { csvLine, markdownLine, markdownRule } from './table-forms.ts';

const COLUMNS = ['src', 'dst', 'allowed'];
const REASONS = ['egress', 'ingress'];

export function* printConnectivityCsv(answer: ConnectivityAnswer, explain: boolean): Generator<string> {
  yield csvLine(explain ? [...COLUMNS, ...REASONS] : COLUMNS);
  for (const row of answer.rows()) yield csvLine(cellsOf(row));
}

export function* printConnectivityMarkdown(answer: ConnectivityAnswer, explain: boolean): Generator<string> {
  const columns = explain ? [...COLUMNS, ...REASONS] : COLUMNS;
  yield markdownLine(columns);
  yield markdownRule(columns.length);
  for (const row of answer.rows()) yield markdownLine(cellsOf(row));
  const { exposure } = answer;
  if (exposure === null) return;
  yield '\n';
  yield markdownLine(['workload', 'direction', 'peer', 'allowed']);
  yield markdownRule(4);
  for (const direction of ['egress', 'ingress'] as const) {
    for (const name of exposure.unprotected[direction])
      yield markdownLine([name, direction, 'entire-cluster', 'unprotected']);
  }
  for (const { workload, direction, peer, allowed } of exposure.potential) {
    yield markdownLine([workload, direction, say(peer, 'en'), allowed]);
  }
}

function cellsOf({ src, dst, allowed, reasons }: RowView): readonly string[] {
  if (reasons === null) return [src, dst, allowed];
  const cell = (direction: 'egress' | 'ingress'): string =>
    [
      printReasons(reasons[direction].allowed),
      ...reasons.hosts
        .filter((host) => host.direction === direction)
        .map((host) => `HostEndpoint ${host.endpoint ?? ''} (${host.node}): ${printReasons(host.allowed)}`),
    ].join('; ');
  return [src, dst, allowed, cell('egress'), cell('ingress')];
}

function printReasons(reasons: readonly Reason[]): string {
  return reasons
    .map(({ connections, by }) => `${connections}: ${by === null ? 'no policy' : printDecidedBy(by)}`)
    .join('; ');
}

/** `NetworkPolicy default/db ingress[0]` */
export function printDecidedBy(by: DecidedBy): string {
  return by.rule === null ? printTitle(by) : `${printTitle(by)} ${by.rule}`;
}
