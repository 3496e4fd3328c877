/** Rows of `nettrace connectivity`: workloads and ranges of addresses, and what is allowed between them. */

import type { Pod } from '../../cluster/objects.ts';
import { compareText } from '../../cluster/policy/selector.ts';
import { groupBy } from '../../lib/group-by.ts';
import { memoize } from '../../lib/lazy.ts';
import type { Family, IpAddr } from '../../net/address.ts';
import { printRange } from './address-atoms.ts';
import type { Connectivity } from './connectivity.ts';
import { FAMILIES } from './pod-classes.ts';
import type { Workload } from './workloads.ts';

export type Row = {
  readonly src: string;
  readonly dst: string;
  /** Number of the set that some Pod of the source may use to some Pod of the destination. */
  readonly allowed: number;
  /** What every pair of their Pods may use: the same where no policy tells Pods of one workload apart. */
  readonly always: number;
  /** Slots that stand for the two sides, for whoever explains the row. */
  readonly slots: readonly [source: number, destination: number];
  /** Whether the two sides are on one node, where that matters. */
  readonly onOneNode: boolean | undefined;
};

/** Pods of one workload in one slot. */
type Share = { readonly slot: number; readonly pods: readonly Pod[] };

export type SharesOf = (workload: Workload) => readonly Share[];

export function sharesOf({ classes }: Connectivity): SharesOf {
  return memoize((workload: Workload) => {
    const slots = groupBy(workload.pods, (pod) => classes.slotOf.get(pod) ?? 0);
    return [...slots].map(([slot, pods]) => ({ slot, pods }));
  });
}

/** Sorted by source, then destination. With `focus`, only rows of workloads that it names. */
export function* connectivityRows(
  connectivity: Connectivity,
  focus: (workload: Workload) => boolean = () => true,
): Generator<Row> {
  const shares = sharesOf(connectivity);
  const { workloads } = connectivity;
  const focused = new Set(workloads.filter(focus));
  const fromOutside = [...focused]
    .flatMap((workload) => outsideRows(connectivity, workload.label, shares(workload), 'source'))
    .sort((a, b) => compareText(a.src, b.src) || compareText(a.dst, b.dst));
  let next = 0;
  for (const source of workloads) {
    for (let row = fromOutside[next]; row !== undefined && row.src < source.label; row = fromOutside[++next]) yield row;
    const toOutside = focused.has(source)
      ? [...outsideRows(connectivity, source.label, shares(source), 'destination')].sort((a, b) =>
          compareText(a.dst, b.dst),
        )
      : [];
    let place = 0;
    const candidates = focused.has(source) ? workloads : focused;
    for (const destination of candidates) {
      for (let row = toOutside[place]; row !== undefined && row.dst < destination.label; row = toOutside[++place])
        yield row;
      const row = rowBetween(connectivity, source, destination, shares);
      if (row !== undefined) yield row;
    }
    yield* toOutside.slice(place);
  }
  yield* fromOutside.slice(next);
}

/** undefined where nothing is allowed. */
export function rowBetween(
  connectivity: Connectivity,
  source: Workload,
  destination: Workload,
  shares: SharesOf,
): Row | undefined {
  const { table } = connectivity;
  const [own, second] = shares(source);
  const [other, third] = shares(destination);
  // Nearly all workloads are of one class: the rest of this is for the others.
  if (own !== undefined && second === undefined && other !== undefined && third === undefined) {
    if ((own !== other || own.pods.length > 1) && !connectivity.tellsNodes(own.slot, other.slot)) {
      const only = connectivity.between(own.slot, other.slot);
      if (only === table.none) return undefined;
      const slots = [own.slot, other.slot] as const;
      const [src, dst] = [source.label, destination.label];
      return { src, dst, allowed: only, always: only, slots, onOneNode: undefined };
    }
  }
  let allowed = table.none;
  let always = table.all;
  let first: Pick<Row, 'slots' | 'onOneNode'> | undefined;
  const take = (from: Share, to: Share, onOneNode?: boolean): void => {
    const number = connectivity.between(from.slot, to.slot, onOneNode);
    if (number !== table.none) first ??= { slots: [from.slot, to.slot], onOneNode };
    allowed = table.unite(allowed, number);
    always = table.intersect(always, number);
  };
  for (const from of shares(source)) {
    for (const to of shares(destination)) {
      // A Pod's connection to itself is none of policies.
      if (from === to && from.pods.length < 2) continue;
      if (connectivity.tellsNodes(from.slot, to.slot)) {
        const { here, elsewhere } = nodesShared(from.pods, to.pods);
        if (here) take(from, to, true);
        if (elsewhere) take(from, to, false);
      } else take(from, to);
    }
  }
  return first === undefined ? undefined : { src: source.label, dst: destination.label, allowed, always, ...first };
}

/** Whether some pair of two Pods is on one node, and some is not. */
export function nodesShared(
  from: readonly Pod[],
  to: readonly Pod[],
): { readonly here: boolean; readonly elsewhere: boolean } {
  const [own, others] = [nodesOf(from), nodesOf(to)];
  if (from === to) return { here: own.size < from.length, elsewhere: own.size > 1 };
  const here = to.some(({ node }) => own.has(node));
  return { here, elsewhere: own.size > 1 || others.size > 1 || !here };
}

const NODES = new WeakMap<readonly Pod[], ReadonlySet<string | undefined>>();

/** Asked for every pair of workloads, where host endpoints tell nodes. */
function nodesOf(pods: readonly Pod[]): ReadonlySet<string | undefined> {
  const nodes = NODES.get(pods) ?? new Set(pods.map(({ node }) => node));
  NODES.set(pods, nodes);
  return nodes;
}

/** The address space as the policies of some Pods split it; neighbours with the same outcome are one range. */
export function outsideRows(
  connectivity: Connectivity,
  label: string,
  shares: readonly Pick<Share, 'slot'>[],
  outside: 'source' | 'destination',
): readonly Row[] {
  return FAMILIES.flatMap((family) => rangesOf(connectivity, family, shares, outside)).map(
    ({ first, last, ...row }) => {
      const range = printRange(first, last);
      const [src, dst] = outside === 'source' ? [range, label] : [label, range];
      return { src, dst, ...row };
    },
  );
}

type Range = Omit<Row, 'src' | 'dst'> & { readonly first: IpAddr; readonly last: IpAddr };

function rangesOf(
  connectivity: Connectivity,
  family: Family,
  shares: readonly Pick<Share, 'slot'>[],
  outside: 'source' | 'destination',
): readonly Range[] {
  const { table, classes } = connectivity;
  const ofKind = memoize((kind: number): Omit<Row, 'src' | 'dst'> => {
    const other = classes.outside(family, kind);
    let allowed = table.none;
    let always = table.all;
    for (const { slot } of shares) {
      const number = outside === 'source' ? connectivity.between(other, slot) : connectivity.between(slot, other);
      allowed = table.unite(allowed, number);
      always = table.intersect(always, number);
    }
    const own = shares[0]?.slot ?? 0;
    const slots = outside === 'source' ? ([other, own] as const) : ([own, other] as const);
    return { allowed, always, slots, onOneNode: undefined };
  });
  const ranges: Range[] = [];
  let open = false;
  for (const { first, last, kind } of classes.atoms[family].atoms) {
    const found = ofKind(kind);
    const before = ranges.at(-1);
    if (open && before !== undefined && before.allowed === found.allowed && before.always === found.always) {
      ranges[ranges.length - 1] = { ...before, last };
    } else if (found.allowed !== table.none) ranges.push({ ...found, first, last });
    open = found.allowed !== table.none;
  }
  return ranges;
}
