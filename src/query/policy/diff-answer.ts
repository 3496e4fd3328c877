/** The answer to `nettrace diff`: connections opened, closed and changed between two inputs. */
import type { Cluster } from '../../cluster/cluster.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import { besideOf, type ComparedRow, compareConnectivity } from '../../policy/classes/compare.ts';
import { isEmpty, printConnections } from '../../policy/connection-set.ts';
import { policyWorld } from '../../policy/judge.ts';

export type DiffRow = {
  readonly src: string;
  readonly dst: string;
  /** What is allowed afterwards; of a removed row, before. */
  readonly allowed: string;
  /** Because a workload came or went. */
  readonly workload: 'added' | 'removed' | null;
};

export type ChangedRow = DiffRow & {
  readonly before: string;
  readonly opened: string | null;
  readonly closed: string | null;
  /** Some Pods of the two workloads only: what the workloads have as a whole does not tell it. */
  readonly somePods: boolean;
};

export type DiffAnswer = {
  readonly added: readonly DiffRow[];
  /** Those that opened something first. */
  readonly changed: readonly ChangedRow[];
  readonly removed: readonly DiffRow[];
  readonly workloads: { readonly added: readonly string[]; readonly removed: readonly string[] };
};

export function answerDiff(before: Cluster, after: Cluster): Result<DiffAnswer> {
  const [old, now] = besideOf(policyWorld(before))(policyWorld(after));
  const compared = compareConnectivity(old, now);
  if (compared === undefined) {
    const hint = 'compare one namespace at a time, or the policies by nettrace lint';
    return fail(issue('too-many-differences', 'more than two million rows differ', { hint }));
  }
  const { rows, workloads } = compared;
  const print = (set: ComparedRow['before']): string => printConnections(set, old.table.universe);
  const base = ({ src, dst, workload }: ComparedRow) => ({ src, dst, workload: workload ?? null });
  const changed = rows
    .filter((row) => !isEmpty(row.before) && !isEmpty(row.after))
    .map(
      (row): ChangedRow => ({
        ...base(row),
        ...{ allowed: print(row.after), before: print(row.before) },
        opened: isEmpty(row.opened) ? null : print(row.opened),
        closed: isEmpty(row.closed) ? null : print(row.closed),
        somePods: row.somePods,
      }),
    );
  return ok({
    added: rows.filter((row) => isEmpty(row.before)).map((row) => ({ ...base(row), allowed: print(row.after) })),
    changed: [...changed.filter(({ opened }) => opened !== null), ...changed.filter(({ opened }) => opened === null)],
    removed: rows.filter((row) => isEmpty(row.after)).map((row) => ({ ...base(row), allowed: print(row.before) })),
    workloads,
  });
}

/** What a gate asks for. Connections that came or went with a workload are no change of the policies. */
export function differs(
  { added, changed, removed, workloads }: DiffAnswer,
  what: 'opened' | 'closed' | 'any',
): boolean {
  switch (what) {
    case 'opened':
      return added.some(({ workload }) => workload === null) || changed.some(({ opened }) => opened !== null);
    case 'closed':
      return removed.some(({ workload }) => workload === null) || changed.some(({ closed }) => closed !== null);
    case 'any':
      return added.length + changed.length + removed.length + workloads.added.length + workloads.removed.length > 0;
  }
}
