import type { PathView, Trace } from '../../src/query/trace.ts';

/** What an answer without steps says as well. */
export function withoutSteps(trace: Trace): Trace {
  const bare = (path: PathView): PathView => ({
    ...path,
    hops: [],
    reply: path.reply === null ? null : { ...path.reply, hops: [] },
  });
  const { dns, paths } = trace;
  return {
    ...trace,
    dns: dns === null ? null : { ...dns, paths: dns.paths.map(bare) },
    paths: paths.map(bare),
    policies: [],
    assumptions: [],
  };
}
