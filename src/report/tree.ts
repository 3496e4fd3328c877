/** The same answer as a tree: machine, place on the machine, step. */
import type { HopView, PathView, Trace } from '../query/trace.ts';
import { createWriter, footer, groupHeading, header, replyLines, type Writer } from './frame.ts';
import { groupPaths } from './group-paths.ts';
import type { ReportOptions } from './options.ts';
import { textOfStep } from './step-text.ts';
import { createPainter } from './terminal.ts';
import { WORDS } from './words.ts';

/** A line and what hangs below it. */
type Branch = { readonly line: string; readonly branches: readonly Branch[] };

const BOX = { tee: '├─ ', end: '└─ ', bar: '│  ', gap: '   ' } as const;
const ASCII = { tee: '|- ', end: '`- ', bar: '|  ', gap: '   ' } as const;

export function printTraceTree(trace: Trace, options: ReportOptions): string {
  const writer = createWriter(options, createPainter(options.colour));
  const groups = groupPaths(trace.paths);
  const lines = [...header(trace, writer)];
  for (const group of groups) {
    lines.push('', ...groupHeading(group, groups.length > 1, writer));
    lines.push(...draw(pathBranches(group.shown, trace.query, options, writer), options));
  }
  return `${[...lines, '', ...footer(trace, options, writer)].join('\n')}\n`;
}

function pathBranches(
  path: PathView,
  query: Trace['query'],
  options: ReportOptions,
  writer: Writer,
): readonly Branch[] {
  const { paint } = writer;
  const notes = replyLines(path, query, writer).map((line) => leaf(paint(line)));
  const request: Branch = {
    line: paint(writer.words(WORDS.request), 'heading'),
    branches: machineBranches(path.hops, options, writer),
  };
  if (path.reply === null) return [request, ...notes];
  const reply: Branch = {
    line: paint(writer.words(WORDS.reply), 'heading'),
    branches: machineBranches(path.reply.hops, options, writer),
  };
  return [request, reply, ...notes];
}

/** Consecutive hops of one machine hang below it; a hop inside a Pod hangs below the Pod. */
function machineBranches(hops: readonly HopView[], options: ReportOptions, writer: Writer): readonly Branch[] {
  const machines: { node: string; branches: Branch[] }[] = [];
  for (const hop of hops) {
    const steps = hop.steps.filter((step) => step.level <= options.verbosity);
    if (steps.length === 0) continue;
    let machine = machines.at(-1);
    if (machine === undefined || machine.node !== hop.node) {
      machine = { node: hop.node, branches: [] };
      machines.push(machine);
    }
    const place = [hop.inside ?? hop.node, hop.device].filter((word) => word !== null).join(' ');
    machine.branches.push({ line: writer.paint(place), branches: steps.map((step) => stepBranch(step, hop, writer)) });
  }
  return machines.map(({ node, branches }) => ({ line: writer.paint(node, 'heading'), branches }));
}

function stepBranch(step: HopView['steps'][number], hop: HopView, writer: Writer): Branch {
  const { paint } = writer;
  const words = textOfStep(step, hop, writer.part);
  const head = `${words.where} ${words.what} ${words.detail}`.trimEnd();
  const source = words.source === '' ? '' : `  ${paint(words.source, 'faint')}`;
  const mark = step.blamed ? paint('  <--', 'bad') : '';
  return {
    line: `${paint(head, step.blamed ? 'bad' : 'plain')}${source}${mark}`,
    branches: words.below.map((below) => leaf(paint(below, 'faint'))),
  };
}

function leaf(line: string): Branch {
  return { line, branches: [] };
}

/** The tree has four levels; the recursion ends with them. */
function draw(branches: readonly Branch[], options: ReportOptions, prefix = ''): readonly string[] {
  const signs = options.ascii ? ASCII : BOX;
  return branches.flatMap(({ line, branches: below }, index) => {
    const last = index === branches.length - 1;
    return [
      `${prefix}${last ? signs.end : signs.tee}${line}`,
      ...draw(below, options, `${prefix}${last ? signs.gap : signs.bar}`),
    ];
  });
}
