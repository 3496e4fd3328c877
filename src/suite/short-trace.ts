/** What a report of a failed test shows of an answer. Whole answers of thousands of tests would not fit into memory. */
import type { HopView, PathView, Trace } from '../query/trace.ts';

/** Steps that are kept: the last ones before the end, as `-q` and plain reports count steps. */
const MOST_STEPS = 6;

/** The first path that failed, else the first, without its reply and with its last steps. */
export function shortenTrace(trace: Trace): Trace {
  const path = trace.paths.find(({ outcome }) => outcome.verdict !== 'delivered') ?? trace.paths[0];
  return {
    query: trace.query,
    result: trace.result,
    dns: null,
    paths: path === undefined ? [] : [shortenPath(path)],
    policies: [],
    assumptions: [],
    stats: trace.stats,
  };
}

function shortenPath(path: PathView): PathView {
  const hops: HopView[] = [];
  let left = MOST_STEPS;
  for (const hop of path.hops.toReversed()) {
    const shown = hop.steps.filter(({ level }) => level === 0);
    const steps = left === 0 ? [] : shown.slice(-left);
    left -= steps.length;
    if (steps.length > 0) hops.unshift({ ...hop, steps });
  }
  return { ...path, hops, reply: null };
}
