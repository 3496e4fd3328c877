/** Two lists of connections compared: what is allowed now and was not, and the other way round. */
import { compareText } from '../../cluster/policy/selector.ts';
import { compareIp, type IpAddr, offsetIp, parseIp } from '../../net/address.ts';
import { lastIp, parsePrefix } from '../../net/prefix.ts';
import { type ConnectionSet, isEmpty, NO_CONNECTIONS, subtract } from '../connection-set.ts';
import { printRange } from './address-atoms.ts';
import type { Connectivity } from './connectivity.ts';
import { connectivityRows } from './rows.ts';

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

type Cell = { readonly src: string; readonly dst: string; readonly allowed: ConnectionSet };

export function compareConnectivity(before: Connectivity, after: Connectivity): Comparison {
  const [old, now] = [before, after].map(({ workloads }) => new Set(workloads.map(({ label }) => label)));
  const added = [...(now ?? [])].filter((label) => old?.has(label) !== true);
  const removed = [...(old ?? [])].filter((label) => now?.has(label) !== true);
  const news = new Set(added);
  const gone = new Set(removed);
  const rows: ComparedRow[] = [];
  const put = (src: string, dst: string, was: ConnectionSet, is: ConnectionSet): void => {
    const opened = subtract(is, was);
    const closed = subtract(was, is);
    if (isEmpty(opened) && isEmpty(closed)) return;
    const workload = news.has(src) || news.has(dst) ? 'added' : gone.has(src) || gone.has(dst) ? 'removed' : undefined;
    rows.push({ src, dst, before: was, after: is, opened, closed, workload });
  };
  const [left, right] = [split(before), split(after)];
  for (const key of new Set([...left.pairs.keys(), ...right.pairs.keys()])) {
    const [was, is] = [left.pairs.get(key), right.pairs.get(key)];
    const { src, dst } = was ?? is ?? { src: '', dst: '' };
    put(src, dst, was?.allowed ?? NO_CONNECTIONS, is?.allowed ?? NO_CONNECTIONS);
  }
  for (const key of new Set([...left.outside.keys(), ...right.outside.keys()])) {
    const [was, is] = [left.outside.get(key) ?? [], right.outside.get(key) ?? []];
    const { label, isSource } = was[0] ?? is[0] ?? { label: '', isSource: false };
    for (const { first, last, pair } of overlay(was, is)) {
      const range = printRange(first, last);
      put(isSource ? label : range, isSource ? range : label, pair[0], pair[1]);
    }
  }
  rows.sort((a, b) => compareText(a.src, b.src) || compareText(a.dst, b.dst));
  return { rows, workloads: { added, removed } };
}

type RangeCell = {
  readonly label: string;
  /** Whether the workload is the source. */
  readonly isSource: boolean;
  readonly first: IpAddr;
  readonly last: IpAddr;
  readonly allowed: ConnectionSet;
};

type Split = { readonly pairs: ReadonlyMap<string, Cell>; readonly outside: ReadonlyMap<string, readonly RangeCell[]> };

function split(connectivity: Connectivity): Split {
  const pairs = new Map<string, Cell>();
  const outside = new Map<string, RangeCell[]>();
  for (const { src, dst, allowed: number } of connectivityRows(connectivity)) {
    const allowed = connectivity.table.setOf(number);
    const [from, to] = [parseRange(src), parseRange(dst)];
    const range = from ?? to;
    if (range === undefined) {
      pairs.set(`${src} ${dst}`, { src, dst, allowed });
      continue;
    }
    const isSource = from === undefined;
    const label = isSource ? src : dst;
    const key = `${isSource} ${typeof range.first} ${label}`;
    const cells = outside.get(key) ?? [];
    outside.set(key, cells);
    cells.push({ label, isSource, ...range, allowed });
  }
  return { pairs, outside };
}

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
