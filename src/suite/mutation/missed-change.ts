/** What a mutant changes that no test asked about. */
import { besideOf, type ComparedRow, comparedRows } from '../../policy/classes/compare.ts';
import type { Connectivity } from '../../policy/classes/connectivity.ts';
import { type ConnectionSet, isEmpty, printConnections } from '../../policy/connection-set.ts';
import { policyWorld } from '../../policy/judge.ts';
import type { Loaded } from '../../topology/load.ts';
import { firstPort, questionLine } from '../question-line.ts';

/** The first row of `nettrace diff` between the policies and the mutant. */
export type MissedChange = {
  readonly src: string;
  readonly dst: string;
  readonly opened: string | undefined;
  readonly closed: string | undefined;
  /** A line of a suite that passes today and fails with the mutant: both were tried. */
  readonly test: string | undefined;
};

/** What each mutant of one input changes; undefined where it changes no connection: there is nothing to notice. */
export function missedChanges(before: Loaded): (after: Loaded) => MissedChange | undefined {
  const beside = besideOf(policyWorld(before.cluster));
  return (after) => {
    const [old, now] = beside(policyWorld(after.cluster));
    const print = (set: ConnectionSet): string | undefined =>
      isEmpty(set) ? undefined : printConnections(set, old.table.universe);
    let first: MissedChange | undefined;
    let tried = 0;
    // A change that a test can ask about says more than one of addresses outside.
    for (const row of comparedRows(old, now)) {
      const test = testOf(row, before, after, old);
      const change = { src: row.src, dst: row.dst, opened: print(row.opened), closed: print(row.closed), test };
      if (test !== undefined) return change;
      first ??= change;
      if (++tried >= MOST_ROWS) break;
    }
    return first;
  };
}

/** Rows for which a line is looked for, and pairs of Pods in each: a question costs about a millisecond. */
const MOST_ROWS = 8;
const MOST_PAIRS = 16;

function testOf({ src, dst, opened, closed }: ComparedRow, before: Loaded, after: Loaded, old: Connectivity) {
  const podsOf = (label: string) => old.workloads.find((workload) => workload.label === label)?.pods ?? [];
  const pairs = podsOf(src).flatMap((from) => podsOf(dst).map((to) => ({ from, to })));
  for (const { from, to } of pairs.filter((pair) => pair.from !== pair.to).slice(0, MOST_PAIRS)) {
    const port = firstPort(isEmpty(closed) ? opened : closed, to);
    if (port === undefined) continue;
    const question = { from, to, ...port };
    const [line, mutated] = [questionLine(question, before), questionLine(question, after)];
    if (line !== undefined && mutated !== undefined && line !== mutated) return line;
  }
  return undefined;
}
