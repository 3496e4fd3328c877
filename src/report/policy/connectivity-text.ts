/** `connectivity` for people: sources that may do the same stand together; with --explain each row with its policies. */
import type {
  ConnectivityAnswer,
  ExposureView,
  GroupView,
  HostReasons,
  Reason,
  RowReasons,
  RowView,
} from '../../query/policy/connectivity-answer.ts';
import type { DecidedBy } from '../../query/policy/policy-answer.ts';
import { createWriter, type Writer } from '../frame.ts';
import type { ReportOptions } from '../options.ts';
import { createPainter, pad, widthOf } from '../terminal.ts';
import { printDecidedBy } from './connectivity-tables.ts';
import { placeOf } from './host-place.ts';
import { sayConnections } from './say-connections.ts';
import { CONNECTIVITY_WORDS, DIRECTION_WORDS, EXEMPTIONS, POLICY_WORDS } from './words.ts';

/** Names are wrapped behind it; one longer name stands alone. */
const COLUMNS = 110;

/** As sets of connections are printed. */
const NOTHING = 'No Connections';

export function* printConnectivityText(
  answer: ConnectivityAnswer,
  explain: boolean,
  options: ReportOptions,
): Generator<string> {
  const writer = createWriter(options, createPainter(options.colour));
  let empty = true;
  if (explain) {
    for (const row of answer.rows()) {
      empty = false;
      yield* lines(explainedLines(row, writer));
    }
  } else {
    for (const group of answer.groups()) {
      if (!empty) yield '\n';
      empty = false;
      yield* lines(groupLines(group, writer));
    }
  }
  if (empty) yield `${writer.paint(writer.words(CONNECTIVITY_WORDS.nothing))}\n`;
  if (answer.exposure !== null) yield* lines(['', ...exposureLines(answer.exposure, writer)]);
  if (answer.notes.length > 0) yield '\n';
  for (const { message } of answer.notes) yield `${writer.paint(writer.words(POLICY_WORDS.note, { message }))}\n`;
}

function* lines(list: readonly string[]): Generator<string> {
  for (const line of list) yield `${line}\n`;
}

function groupLines({ sources, destinations }: GroupView, writer: Writer): readonly string[] {
  const { paint } = writer;
  const said = destinations.map(({ allowed, always, names }) => ({
    allowed: sayConnections(allowed, writer),
    always: always === null ? null : sayConnections(always, writer),
    names,
  }));
  const width = Math.max(...said.map(({ allowed }) => widthOf(allowed)));
  const indent = ' '.repeat(width + 7);
  return [
    ...wrap(sources, 0).map((line) => paint(line, 'heading')),
    ...said.flatMap(({ allowed, always, names }) => {
      const marked =
        always === null ? names : names.map((name) => writer.words(CONNECTIVITY_WORDS.always, { name, always }));
      return wrap(marked, width + 7).map((line, index) =>
        index === 0 ? `  ${paint(pad(allowed, width), 'good')}  -> ${paint(line)}` : `${indent}${paint(line)}`,
      );
    }),
  ];
}

/** Names with commas between them, as many in a line as there is room for. */
function wrap(names: readonly string[], indent: number): readonly string[] {
  const wrapped: string[] = [];
  let line = '';
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name},`;
    if (line !== '' && indent + widthOf(line) + 1 + widthOf(word) > COLUMNS) {
      wrapped.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? wrapped : [...wrapped, line];
}

function explainedLines({ src, dst, allowed, reasons }: RowView, writer: Writer): readonly string[] {
  const { paint } = writer;
  const head = `${paint(`${src} -> ${dst}`, 'heading')}  ${paint(sayConnections(allowed, writer), 'good')}`;
  return reasons === null ? [head] : [head, ...reasonLines(reasons, writer)];
}

function reasonLines({ egress, ingress, hosts }: RowReasons, writer: Writer): readonly string[] {
  const lines = (title: string, { allowed, denied }: Pick<HostReasons, 'allowed' | 'denied'>): readonly string[] => {
    const said = [
      ...allowed.map((reason) => sayReason(reason, CONNECTIVITY_WORDS.byPolicy, writer)),
      ...denied.map((reason) => sayReason(reason, CONNECTIVITY_WORDS.deniedBy, writer)),
    ];
    return said.map((line, index) => writer.paint(`  ${pad(index === 0 ? title : '', 7)}  ${line}`));
  };
  const ofHosts = hosts.flatMap((host) => [
    writer.paint(`  ${writer.words(DIRECTION_WORDS[host.direction], { end: placeOf(host, writer) })}`),
    ...lines('', host),
  ]);
  return [...lines('egress', egress), ...ofHosts, ...lines('ingress', ingress)];
}

function sayReason(
  { connections, by, exemption }: Reason,
  words: (typeof CONNECTIVITY_WORDS)['byPolicy' | 'deniedBy'],
  writer: Writer,
): string {
  const nobody = exemption === undefined ? CONNECTIVITY_WORDS.noPolicy : EXEMPTIONS[exemption];
  return writer.words(words, {
    connections: sayConnections(connections, writer),
    policy: by === null ? writer.words(nobody) : sayBy(by, writer),
  });
}

function sayBy(by: DecidedBy, writer: Writer): string {
  const policy = `${printDecidedBy(by)}${by.file === null ? '' : ` (${by.file}:${by.line})`}`;
  return by.rule === null ? writer.words(CONNECTIVITY_WORDS.selectedBy, { policy }) : policy;
}

function exposureLines({ unprotected, potential }: ExposureView, writer: Writer): readonly string[] {
  const { paint } = writer;
  const list = [paint(writer.words(CONNECTIVITY_WORDS.exposure), 'heading')];
  for (const direction of ['egress', 'ingress'] as const) {
    const names = unprotected[direction];
    const words = names.length === 0 ? CONNECTIVITY_WORDS.protectedAll : CONNECTIVITY_WORDS.unprotected;
    const [first = '', ...others] = wrap(writer.words(words, { direction, names: names.join(', ') }).split(', '), 4);
    list.push(`  ${paint(first)}`, ...others.map((line) => `    ${paint(line)}`));
  }
  if (potential.length > 0) list.push(`  ${paint(writer.words(CONNECTIVITY_WORDS.potential))}`);
  for (const { workload, direction, peer, allowed } of potential) {
    const stranger = writer.sentence(peer);
    const [from, to] = direction === 'ingress' ? [stranger, workload] : [workload, stranger];
    const style = allowed === NOTHING ? 'bad' : 'good';
    list.push(`    ${paint(`${from} -> ${to}`)}  ${paint(sayConnections(allowed, writer), style)}`);
  }
  return list;
}
