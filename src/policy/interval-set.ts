/** Sets of whole numbers as ascending ranges with gaps between them: ports, types of ICMP, numbers of protocols. */
import type { PortRange } from '../net/port-range.ts';

/** Ascending; no two ranges overlap or touch. Equal sets have equal ranges. */
export type IntervalSet = readonly PortRange[];

export const NOTHING: IntervalSet = [];

/** The fewest ranges that hold the same numbers; ranges that end before they begin hold none. */
export function intervals(ranges: readonly PortRange[]): IntervalSet {
  const sorted = ranges.filter(({ first, last }) => first <= last).sort((a, b) => a.first - b.first);
  const merged: PortRange[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else merged.push(range);
  }
  return merged;
}

export function uniteIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a.length === 0) return b;
  return b.length === 0 ? a : intervals([...a, ...b]);
}

export function intersectIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  const common: PortRange[] = [];
  let i = 0;
  let j = 0;
  for (let [x, y] = [a[i], b[j]]; x !== undefined && y !== undefined; x = a[i], y = b[j]) {
    const first = Math.max(x.first, y.first);
    const last = Math.min(x.last, y.last);
    if (first <= last) common.push({ first, last });
    if (x.last < y.last) i++;
    else j++;
  }
  return common;
}

/** The numbers of `a` that `b` lacks. */
export function subtractIntervals(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a.length === 0 || b.length === 0) return a;
  const left: PortRange[] = [];
  let j = 0;
  for (const { first, last } of a) {
    let from = first;
    for (let hole = b[j]; hole !== undefined && hole.first <= last; hole = b[j]) {
      if (hole.first > from) left.push({ first: from, last: hole.first - 1 });
      from = Math.max(from, hole.last + 1);
      // A hole that goes on behind this range may take from the next one as well.
      if (hole.last > last) break;
      j++;
    }
    if (from <= last) left.push({ first: from, last });
  }
  return left;
}

export function hasNumber(set: IntervalSet, number: number): boolean {
  return set.some(({ first, last }) => number >= first && number <= last);
}

/** `80,443-500` */
export function printIntervals(set: IntervalSet): string {
  return set.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
