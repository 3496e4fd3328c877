/** Two lists of connections compared: what is allowed now and was not, and the other way round. */
import { compareText } from '../../cluster/policy/selector.ts';
import { lazy, memoize } from '../../lib/lazy.ts';
import { ALL_CONNECTIONS, type ConnectionSet, PORT_CONNECTIONS } from '../connection-set.ts';
import type { PolicyWorld } from '../judge.ts';
import { Connectivity } from './connectivity.ts';
import { type Change, changeOf, type Difference, differenceOf, isPartial } from './difference.ts';
import { OutsideDifferences } from './outside-differences.ts';
import { type PodGroup, PodGroups } from './pod-groups.ts';
import { relevantTo } from './relevant.ts';
import { connectivityRows, nodesShared, type Row } from './rows.ts';

/** `before` and `after` are what some Pod of the source may use to some Pod of the destination. */
export type ComparedRow = Change & {
  readonly src: string;
  readonly dst: string;
  /** One of its ends is in one of the inputs only. */
  readonly workload: 'added' | 'removed' | undefined;
};

export type Comparison = {
  /** Only rows that differ, sorted by source and destination. */
  readonly rows: readonly ComparedRow[];
  readonly workloads: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
  };
};

/** More rows than anybody reads, and than fit into memory: connections of millions of pairs that nothing allowed before. */
const MOST_ROWS = 2_000_000;

/** Before and after. */
type Pair<T> = [was: T, is: T];

/**
 * The connections of two inputs, with what either of them tells apart as what counts in both: their sets can be compared.
 * What is made of `before` is kept, for whoever compares it with many.
 */
export function besideOf(before: PolicyWorld): (after: PolicyWorld) => Readonly<Pair<Connectivity>> {
  const tellsOthers = ({ cluster, tiers }: PolicyWorld): boolean => relevantTo(cluster, tiers).otherProtocols;
  const beforeTellsOthers = lazy(() => tellsOthers(before));
  const beforeIn = memoize((universe: ConnectionSet) => new Connectivity(before, universe));
  return (after) => {
    const universe = beforeTellsOthers() || tellsOthers(after) ? ALL_CONNECTIONS : PORT_CONNECTIONS;
    return [beforeIn(universe), new Connectivity(after, universe)];
  };
}

/**
 * Both lists of rows are made while they are compared, source by source, so that only what differs is kept.
 * @returns undefined where more rows differ than are kept
 */
export function compareConnectivity(
  before: Connectivity,
  after: Connectivity,
  most: number = MOST_ROWS,
): Comparison | undefined {
  const rows: ComparedRow[] = [];
  for (const row of comparedRows(before, after)) {
    rows.push(row);
    if (rows.length > most) return undefined;
  }
  rows.sort((a, b) => compareText(a.src, b.src) || compareText(a.dst, b.dst));
  const [added, removed] = [labelsMissing(before, after), labelsMissing(after, before)];
  return { rows, workloads: { added: [...added], removed: [...removed] } };
}

/** The workloads of the second that the first has not. */
function labelsMissing(first: Connectivity, second: Connectivity): ReadonlySet<string> {
  const known = new Set(first.workloads.map(({ label }) => label));
  return new Set(second.workloads.map(({ label }) => label).filter((label) => !known.has(label)));
}

/** Rows that differ: those between workloads first, then those with the outside. */
export function* comparedRows(before: Connectivity, after: Connectivity): Generator<ComparedRow> {
  const [added, removed] = [labelsMissing(before, after), labelsMissing(after, before)];
  const complete = (src: string, dst: string, change: Change): ComparedRow => {
    const cameWith = added.has(src) || added.has(dst);
    const workload = cameWith ? 'added' : removed.has(src) || removed.has(dst) ? 'removed' : undefined;
    return { src, dst, ...change, workload };
  };
  const podGroups = new PodGroups(before, after);
  const changeBetween = pairChanges(before, after, podGroups);
  const outside = new OutsideDifferences(before, after, podGroups);
  for (const { source, sides } of bySource(before, after)) {
    const pairs = new Map<string, Pair<Row | undefined>>();
    for (const side of [0, 1] as const) {
      for (const row of sides[side]) {
        if (outside.take(row, side)) continue;
        const pair = pairs.get(row.dst) ?? [undefined, undefined];
        pair[side] = row;
        pairs.set(row.dst, pair);
      }
    }
    for (const [dst, pair] of pairs) {
      const change = changeBetween(source, dst, pair);
      if (change !== undefined) yield complete(source, dst, change);
    }
  }
  for (const { src, dst, change } of outside.rows()) yield complete(src, dst, change);
}

function pairChanges(
  before: Connectivity,
  after: Connectivity,
  groups: PodGroups,
): (src: string, dst: string, pair: Readonly<Pair<Row | undefined>>) => Change | undefined {
  const difference = differences(before, after);
  /** Where pairs of the Pods are: on one node or on two, if either side tells that. */
  const placesOf = (from: PodGroup, to: PodGroup): readonly (boolean | undefined)[] => {
    if (!before.tellsNodes(from.before, to.before) && !after.tellsNodes(from.after, to.after)) return [undefined];
    const { here, elsewhere } = nodesShared(from.pods, to.pods);
    return [...(here ? [true] : []), ...(elsewhere ? [false] : [])];
  };
  return (src, dst, [was, is]) => {
    const ofWorkloads = difference(was?.allowed ?? before.table.none, is?.allowed ?? after.table.none);
    if (!isPartial(was) && !isPartial(is)) return ofWorkloads.change;
    const ofPods: Difference[] = [];
    for (const from of groups.of(src)) {
      for (const to of groups.of(dst)) {
        if (from === to && from.pods.length < 2) continue;
        for (const onOneNode of placesOf(from, to)) {
          const old = before.between(from.before, to.before, onOneNode);
          ofPods.push(difference(old, after.between(from.after, to.after, onOneNode)).difference);
        }
      }
    }
    return changeOf(ofWorkloads.difference, ofPods);
  };
}

type Known = { readonly difference: Difference; readonly change: Change | undefined };

/** Two numbers of the two tables, compared once: most rows are one of a few pairs. */
function differences(before: Connectivity, after: Connectivity): (was: number, is: number) => Known {
  const known = new Map<number, Known>();
  return (was, is) => {
    const key = was * TABLE + is;
    let found = known.get(key);
    if (found === undefined) {
      const difference = differenceOf(before.table.setOf(was), after.table.setOf(is));
      found = { difference, change: changeOf(difference) };
      known.set(key, found);
    }
    return found;
  };
}

/** Of more sets than rules can make. */
const TABLE = 2 ** 24;

type OfSource = {
  readonly source: string;
  readonly sides: readonly [readonly Row[], readonly Row[]];
};

/** Rows of one source after the other, of both sides together. */
function* bySource(before: Connectivity, after: Connectivity): Generator<OfSource> {
  const [left, right] = [groups(connectivityRows(before)), groups(connectivityRows(after))];
  let [was, is] = [left.next().value, right.next().value];
  while (was !== undefined || is !== undefined) {
    const order = was === undefined ? 1 : is === undefined ? -1 : compareText(sourceOf(was), sourceOf(is));
    const own = order <= 0 ? (was ?? []) : [];
    const other = order >= 0 ? (is ?? []) : [];
    yield { source: sourceOf(order <= 0 ? own : other), sides: [own, other] };
    if (order <= 0) was = left.next().value;
    if (order >= 0) is = right.next().value;
  }
}

function sourceOf(rows: readonly Row[]): string {
  return rows[0]?.src ?? '';
}

/** Rows stand sorted by their source. */
function* groups(rows: Iterable<Row>): Generator<readonly Row[], undefined> {
  let held: Row[] = [];
  for (const row of rows) {
    if (held[0] !== undefined && held[0].src !== row.src) {
      yield held;
      held = [];
    }
    held.push(row);
  }
  if (held.length > 0) yield held;
}
