/** What two sets of connections, before and after, lack of one another: of two workloads, and of each pair of their Pods. */
import { type ConnectionSet, isEmpty, NO_CONNECTIONS, subtract, unite } from '../connection-set.ts';
import type { Row } from './rows.ts';

export type Difference = {
  readonly before: ConnectionSet;
  readonly after: ConnectionSet;
  readonly opened: ConnectionSet;
  readonly closed: ConnectionSet;
};

/** A difference that is none has its name, too. */
export const NO_DIFFERENCE: Difference = differenceOf(NO_CONNECTIONS, NO_CONNECTIONS);

export function differenceOf(before: ConnectionSet, after: ConnectionSet): Difference {
  return {
    before,
    after,
    opened: subtract(after, before),
    closed: subtract(before, after),
  };
}

export type Change = Difference & {
  /** Other Pods of the two workloads may use it as before: `before` and `after` alone do not tell all of it. */
  readonly somePods: boolean;
};

/** @returns undefined where nothing was opened or closed */
export function changeOf(ofWorkloads: Difference, ofPods: readonly Difference[] = []): Change | undefined {
  const opened = ofPods.map((one) => one.opened).reduce(unite, ofWorkloads.opened);
  const closed = ofPods.map((one) => one.closed).reduce(unite, ofWorkloads.closed);
  if (isEmpty(opened) && isEmpty(closed)) return undefined;
  const somePods = !isEmpty(subtract(opened, ofWorkloads.opened)) || !isEmpty(subtract(closed, ofWorkloads.closed));
  return { ...ofWorkloads, opened, closed, somePods };
}

/** What a workload's Pods may use differs from Pod to Pod. */
export function isPartial(row: Pick<Row, 'allowed' | 'always'> | undefined): boolean {
  return row !== undefined && row.allowed !== row.always;
}
