/** Two lists of connections compared: what is allowed now and was not, and the other way round. */
import { compareText } from '../../cluster/policy/selector.ts';
import { compareIp, type IpAddr, offsetIp, parseIp } from '../../net/address.ts';
import { lastIp, parsePrefix } from '../../net/prefix.ts';
import { type ConnectionSet, isEmpty, NO_CONNECTIONS, subtract } from '../connection-set.ts';
import { printRange } from './address-atoms.ts';
import type { Connectivity } from './connectivity.ts';
import { connectivityRows, type Row } from './rows.ts';

export type ComparedRow = {
  readonly src: string;
  readonly dst: string;
  readonly before: ConnectionSet;
  readonly after: ConnectionSet;
  readonly opened: ConnectionSet;
  readonly closed: ConnectionSet;
  /** One of its ends is in one of the inputs only. */
  readonly workload: 'added' | 'removed' | undefined;
};

export type Comparison = {
  /** Only rows that differ, sorted by source and destination. */
  readonly rows: readonly ComparedRow[];
  readonly workloads: { readonly added: readonly string[]; readonly removed: readonly string[] };
};

/** More rows than anybody reads, and than fit into memory: connections of millions of pairs that nothing allowed before. */
const MOST_ROWS = 2_000_000;

/**
 * Both lists of rows are made while they are compared, source by source, so that only what differs is kept.
 * @returns undefined where more rows differ than are kept
 */
export function compareConnectivity(
  before: Connectivity,
  after: Connectivity,
  most: number = MOST_ROWS,
): Comparison | undefined {
  const [old, now] = [before, after].map(({ workloads }) => new Set(workloads.map(({ label }) => label)));
  const added = [...(now ?? [])].filter((label) => old?.has(label) !== true);
  const removed = [...(old ?? [])].filter((label) => now?.has(label) !== true);
  const news = new Set(added);
  const gone = new Set(removed);
  const rows: ComparedRow[] = [];
  const put = (src: string, dst: string, change: Change | undefined): void => {
    if (change === undefined) return;
    const workload = news.has(src) || news.has(dst) ? 'added' : gone.has(src) || gone.has(dst) ? 'removed' : undefined;
    rows.push({ src, dst, ...change, workload });
  };
  const changeOf = changes(before, after);
  const outside = new Map<string, [RangeCell[], RangeCell[]]>();
  for (const { source, sides } of bySource(before, after)) {
    const pairs = new Map<string, [number, number]>();
    for (const [side, list] of sides.entries()) {
      const { table } = side === 0 ? before : after;
      for (const { src, dst, allowed } of list) {
        const [from, to] = [parseRange(src), parseRange(dst)];
        const range = from ?? to;
        if (range === undefined) {
          const pair = pairs.get(dst) ?? [before.table.none, after.table.none];
          pair[side] = allowed;
          pairs.set(dst, pair);
          continue;
        }
        const isSource = from === undefined;
        const label = isSource ? src : dst;
        const key = `${isSource} ${typeof range.first} ${label}`;
        const cells = outside.get(key) ?? [[], []];
        outside.set(key, cells);
        cells[side]?.push({ label, isSource, ...range, allowed: table.setOf(allowed) });
      }
    }
    for (const [dst, [was, is]] of pairs) put(source, dst, changeOf(was, is));
    if (rows.length > most) return undefined;
  }
  for (const [was, is] of outside.values()) {
    const { label, isSource } = was[0] ?? is[0] ?? { label: '', isSource: false };
    for (const { first, last, pair } of overlay(was, is)) {
      const range = printRange(first, last);
      put(isSource ? label : range, isSource ? range : label, differenceOf(pair[0], pair[1]));
    }
    if (rows.length > most) return undefined;
  }
  rows.sort((a, b) => compareText(a.src, b.src) || compareText(a.dst, b.dst));
  return { rows, workloads: { added, removed } };
}

type Change = Pick<ComparedRow, 'before' | 'after' | 'opened' | 'closed'>;

/** Two numbers of the two tables, compared once: most rows are one of a few pairs. */
function changes(before: Connectivity, after: Connectivity): (was: number, is: number) => Change | undefined {
  const known = new Map<number, { readonly change: Change | undefined }>();
  return (was, is) => {
    const key = was * TABLE + is;
    let found = known.get(key);
    if (found === undefined) {
      found = { change: differenceOf(before.table.setOf(was), after.table.setOf(is)) };
      known.set(key, found);
    }
    return found.change;
  };
}

/** Of more sets than rules can make. */
const TABLE = 2 ** 24;

function differenceOf(before: ConnectionSet, after: ConnectionSet): Change | undefined {
  const opened = subtract(after, before);
  const closed = subtract(before, after);
  return isEmpty(opened) && isEmpty(closed) ? undefined : { before, after, opened, closed };
}

type OfSource = { readonly source: string; readonly sides: readonly [readonly Row[], readonly Row[]] };

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

type RangeCell = {
  readonly label: string;
  /** Whether the workload is the source. */
  readonly isSource: boolean;
  readonly first: IpAddr;
  readonly last: IpAddr;
  readonly allowed: ConnectionSet;
};

/** The inverse of printRange; undefined for the label of a workload. */
function parseRange(text: string): { readonly first: IpAddr; readonly last: IpAddr } | undefined {
  if (text.endsWith(']')) return undefined;
  const [from, to] = text.split('-').map(parseIp);
  if (from !== undefined && to !== undefined) return { first: from, last: to };
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : { first: prefix.addr, last: lastIp(prefix) };
}

type Overlaid = {
  readonly first: IpAddr;
  readonly last: IpAddr;
  readonly pair: readonly [ConnectionSet, ConnectionSet];
};

/** Both lists of ranges cut where either begins or ends; neighbours with one outcome are one. */
function overlay(was: readonly RangeCell[], is: readonly RangeCell[]): readonly Overlaid[] {
  const cells = [...was, ...is];
  const starts = new Map<IpAddr, IpAddr>();
  for (const { first, last } of cells) {
    starts.set(first, first);
    const next = offsetIp(last, 1);
    // Behind the last address of all comes the first again.
    if (compareIp(next, last) > 0) starts.set(next, next);
  }
  const sorted = [...starts.values()].sort(compareIp);
  const at = (list: readonly RangeCell[], ip: IpAddr): ConnectionSet =>
    list.find(({ first, last }) => compareIp(first, ip) <= 0 && compareIp(ip, last) <= 0)?.allowed ?? NO_CONNECTIONS;
  const end = cells.map(({ last }) => last).reduce((a, b) => (compareIp(a, b) > 0 ? a : b));
  const found: Overlaid[] = [];
  for (const [index, first] of sorted.entries()) {
    if (compareIp(first, end) > 0) continue;
    const next = sorted[index + 1];
    const last = next === undefined || compareIp(next, end) > 0 ? end : offsetIp(next, -1);
    const pair = [at(was, first), at(is, first)] as const;
    const before = found.at(-1);
    if (before?.pair.every((set, side) => isSame(set, pair[side])) === true)
      found[found.length - 1] = { ...before, last };
    else found.push({ first, last, pair });
  }
  return found;
}

function isSame(a: ConnectionSet, b: ConnectionSet | undefined): boolean {
  return b !== undefined && isEmpty(subtract(a, b)) && isEmpty(subtract(b, a));
}
