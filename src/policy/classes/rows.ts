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
    .flatMap((workload) => outsideRows(connectivity, workload, shares, 'source'))
    .sort((a, b) => compareText(a.src, b.src) || compareText(a.dst, b.dst));
  let next = 0;
  for (const source of workloads) {
    for (let row = fromOutside[next]; row !== undefined && row.src < source.label; row = fromOutside[++next]) yield row;
    const toOutside = focused.has(source)
      ? [...outsideRows(connectivity, source, shares, 'destination')].sort((a, b) => compareText(a.dst, b.dst))
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
  const { table, classes } = connectivity;
  const [own, second] = shares(source);
  const [other, third] = shares(destination);
  // Nearly all workloads are of one class: the rest of this is for the others.
  if (own !== undefined && second === undefined && other !== undefined && third === undefined) {
    if (classes.slots[own.slot]?.kind !== 'hosts' && (source !== destination || own.pods.length > 1)) {
      const only = connectivity.between(own.slot, other.slot);
      if (only === table.none) return undefined;
      return { src: source.label, dst: destination.label, allowed: only, always: only, slots: [own.slot, other.slot] };
    }
  }
  let allowed = table.none;
  let always = table.all;
  let slots: Row['slots'] | undefined;
  const take = (number: number, from: number, to: number): void => {
    if (number !== table.none) slots ??= [from, to];
    allowed = table.unite(allowed, number);
    always = table.intersect(always, number);
  };
  for (const from of shares(source)) {
    for (const to of shares(destination)) {
      // A Pod's connection to itself is none of policies.
      if (source === destination && from.slot === to.slot && from.pods.length < 2) continue;
      const isHost = classes.slots[from.slot]?.kind === 'hosts' && classes.slots[to.slot]?.kind === 'pods';
      const { here, elsewhere } = isHost ? nodesShared(from.pods, to.pods) : { here: false, elsewhere: true };
      if (here) take(table.all, from.slot, to.slot);
      if (elsewhere) take(connectivity.between(from.slot, to.slot), from.slot, to.slot);
    }
  }
  return slots === undefined ? undefined : { src: source.label, dst: destination.label, allowed, always, slots };
}

/** Whether some pair is on one node, and some is not: a node reaches its own Pods whatever policies say. */
function nodesShared(
  from: readonly Pod[],
  to: readonly Pod[],
): { readonly here: boolean; readonly elsewhere: boolean } {
  const nodes = new Set(from.map(({ node }) => node));
  const here = to.some(({ node }) => nodes.has(node));
  return { here, elsewhere: nodes.size > 1 || to.some(({ node }) => !nodes.has(node)) };
}

/** The address space as the policies of one workload split it; neighbours with the same outcome are one range. */
export function outsideRows(
  connectivity: Connectivity,
  workload: Workload,
  shares: SharesOf,
  outside: 'source' | 'destination',
): readonly Row[] {
  return FAMILIES.flatMap((family) => rangesOf(connectivity, family, shares(workload), outside)).map(
    ({ first, last, allowed, always, slots }) => {
      const range = printRange(first, last);
      const [src, dst] = outside === 'source' ? [range, workload.label] : [workload.label, range];
      return { src, dst, allowed, always, slots };
    },
  );
}

type Range = Omit<Row, 'src' | 'dst'> & { readonly first: IpAddr; readonly last: IpAddr };

function rangesOf(
  connectivity: Connectivity,
  family: Family,
  shares: readonly Share[],
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
    return { allowed, always, slots: outside === 'source' ? [other, own] : [own, other] };
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
