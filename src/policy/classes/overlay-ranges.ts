/** Several lists of address ranges laid over one another. */
import { compareIp, type IpAddr, offsetIp, parseIp } from '../../net/address.ts';
import { lastIp, parsePrefix } from '../../net/prefix.ts';
import { type ConnectionSet, isEmpty, NO_CONNECTIONS, subtract } from '../connection-set.ts';

export type RangeCell = {
  readonly first: IpAddr;
  readonly last: IpAddr;
  readonly allowed: ConnectionSet;
};

/** What each list allows between two addresses, in the order of the lists. */
export type OverlaidRange = {
  readonly first: IpAddr;
  readonly last: IpAddr;
  readonly sets: readonly ConnectionSet[];
};

/** The inverse of printRange; undefined for the label of a workload. */
export function parseRange(text: string): { readonly first: IpAddr; readonly last: IpAddr } | undefined {
  if (text.endsWith(']')) return undefined;
  const [from, to] = text.split('-').map(parseIp);
  if (from !== undefined && to !== undefined) return { first: from, last: to };
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : { first: prefix.addr, last: lastIp(prefix) };
}

/**
 * Cut where any of the lists begins or ends; neighbours with one outcome are one.
 * @param lists at least one cell in all, ranges of one family, those of a list without a common address
 */
export function overlayRanges(lists: readonly (readonly RangeCell[])[]): readonly OverlaidRange[] {
  const cells = lists.flat();
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
  const found: OverlaidRange[] = [];
  for (const [index, first] of sorted.entries()) {
    if (compareIp(first, end) > 0) continue;
    const next = sorted[index + 1];
    const last = next === undefined || compareIp(next, end) > 0 ? end : offsetIp(next, -1);
    const sets = lists.map((list) => at(list, first));
    const before = found.at(-1);
    if (before?.sets.every((set, place) => isSame(set, sets[place])) === true)
      found[found.length - 1] = { ...before, last };
    else found.push({ first, last, sets });
  }
  return found;
}

function isSame(a: ConnectionSet, b: ConnectionSet | undefined): boolean {
  return b !== undefined && isEmpty(subtract(a, b)) && isEmpty(subtract(b, a));
}
