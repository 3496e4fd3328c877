/** The default report: the verdict first, then the way of the packet by machine, then the evidence. */
import type { HopView, PathView, Trace } from '../query/trace.ts';
import { createWriter, footer, groupHeading, header, replyLines, verdictLine, type Writer } from './frame.ts';
import { groupPaths } from './group-paths.ts';
import type { ReportOptions } from './options.ts';
import { textOfStep } from './step-text.ts';
import { createPainter, pad, widthOf } from './terminal.ts';
import { WORDS } from './words.ts';

/** Of the place. Names that kubelet's Pods have are longer, and push the other columns aside together. */
const WHERE_COLUMNS = 22;
const MOST_WHERE_COLUMNS = 60;
const WHAT_COLUMNS = 11;
/** How often one place is shown on the way of a packet. */
const ROUNDS_SHOWN = 2;

export function printTraceText(trace: Trace, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const look = { options, writer };
  const lines = [...header(trace, writer)];
  // A query that was answered, if only with NXDOMAIN, went its way: that is for -v.
  const lost = trace.dns !== null && trace.dns.code === 'DNS_SERVER_UNREACHABLE';
  if (trace.dns !== null && trace.dns.verdict !== 'delivered' && (lost || options.verbosity > 0)) {
    for (const path of trace.dns.paths.slice(0, 1)) {
      lines.push(
        '',
        writer.paint(writer.words(WORDS.dnsWalk), 'heading'),
        ...pathLines(path, trace.query, { ...look, columns: whereColumns(path.hops, look) }),
      );
    }
  }
  const groups = groupPaths(trace.paths);
  const shown = groups.flatMap((group) => [...group.shown.hops, ...(group.shown.reply?.hops ?? [])]);
  const layout = { ...look, columns: whereColumns(shown, look) };
  for (const group of groups) {
    lines.push('', ...groupHeading(group, groups.length > 1, writer), ...pathLines(group.shown, trace.query, layout));
  }
  return `${[...lines, '', ...footer(trace, options, writer)].join('\n')}\n`;
}

/** `-q`: the verdict line alone. */
export function printVerdictLine(trace: Trace, options: ReportOptions): string {
  return `${verdictLine(trace, createWriter(options, createPainter(options.colour)))}\n`;
}

type Look = { readonly options: ReportOptions; readonly writer: Writer };
type Layout = Look & { readonly columns: number };

function pathLines(path: PathView, query: Trace['query'], layout: Layout): readonly string[] {
  const { options, writer } = layout;
  const lines = [...hopLines(path.hops, layout)];
  for (const line of replyLines(path, query, writer)) lines.push(`  ${writer.paint(line)}`);
  const failed = path.reply !== null && path.reply.verdict !== 'delivered';
  if (path.reply !== null && (failed || options.verbosity > 0)) {
    lines.push(writer.paint(writer.words(WORDS.reply), 'heading'), ...hopLines(path.reply.hops, layout));
  }
  return lines;
}

function hopLines(hops: readonly HopView[], { options, writer, columns }: Layout): readonly string[] {
  const { paint } = writer;
  const lines: string[] = [];
  let machine: string | undefined;
  let number = 0;
  const visits = new Map<string, number>();
  let skipped = 0;
  for (const hop of hops) {
    const steps = hop.steps.filter((step) => step.level <= options.verbosity);
    if (steps.length === 0) continue;
    const place = `${hop.netns} ${hop.device}`;
    const before = visits.get(place) ?? 0;
    visits.set(place, before + 1);
    // A loop is understood after two rounds; its end is shown again.
    if (before >= ROUNDS_SHOWN && hop !== hops.at(-1) && !steps.some((step) => step.blamed)) {
      skipped++;
      number += steps.length;
      continue;
    }
    if (skipped > 0) {
      const again = skipped === 1 ? WORDS.sameOnceMore : WORDS.sameAgain;
      lines.push(paint(`     ${writer.words(again, { count: String(skipped) })}`, 'faint'));
      machine = undefined;
    }
    skipped = 0;
    if (hop.node !== machine) lines.push(paint(hop.node, 'heading'));
    machine = hop.node;
    for (const step of steps) {
      number++;
      const words = textOfStep(step, hop, writer.part);
      const style = step.blamed ? 'bad' : 'plain';
      const source = words.source === '' ? '' : `  ${paint(words.source, 'faint')}`;
      const head = `${String(number).padStart(4)} ${pad(words.where, columns)} ${pad(words.what, WHAT_COLUMNS)} ${words.detail}`;
      lines.push(`${paint(head.trimEnd(), style)}${source}${step.blamed ? paint('  <--', 'bad') : ''}`);
      for (const below of words.below) lines.push(`${' '.repeat(9)}${paint(below, 'faint')}`);
    }
  }
  return lines;
}

/** As many as the longest place on these ways takes. */
function whereColumns(hops: readonly HopView[], { options: { verbosity }, writer: { part } }: Look): number {
  const widths = hops.flatMap((hop) =>
    hop.steps.filter(({ level }) => level <= verbosity).map((step) => widthOf(textOfStep(step, hop, part).where)),
  );
  return Math.min(MOST_WHERE_COLUMNS, Math.max(WHERE_COLUMNS, ...widths));
}
