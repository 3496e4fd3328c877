/** Rows in short: sources that may do the same stand together, and so do destinations. */
import { groupBy } from '../../lib/group-by.ts';
import { memoize } from '../../lib/lazy.ts';
import type { IpAddr } from '../../net/address.ts';
import { printRange } from './address-atoms.ts';
import type { Connectivity } from './connectivity.ts';
import { FAMILIES } from './pod-classes.ts';
import { outsideRows, rowBetween, type SharesOf, sharesOf } from './rows.ts';
import type { Workload } from './workloads.ts';

export type RowGroup = {
  readonly sources: readonly string[];
  readonly destinations: readonly {
    readonly allowed: number;
    readonly always: number;
    readonly names: readonly string[];
  }[];
};

/** Workloads of the same classes, and on the same nodes where host endpoints are asked. Those with Pods on the host network stay alone. */
function groupsOf({ workloads, classes, asksHosts }: Connectivity, shares: SharesOf): readonly (readonly Workload[])[] {
  const placeOf = ({ pods }: Pick<Workload, 'pods'>): string =>
    asksHosts
      ? pods
          .map(({ node }) => node)
          .sort()
          .join(' ')
      : pods.length > 1
        ? '+'
        : '';
  const key = (workload: Workload): string => {
    const own = shares(workload);
    const isHost = own.some(({ slot }) => classes.slots[slot]?.kind === 'hosts');
    return isHost ? workload.label : own.map((share) => `${share.slot} ${placeOf(share)}`).join();
  };
  return [...groupBy(workloads, key).values()];
}

/** Every connection once, as `connectivityRows` tells them; a Pod alone is its own neighbour here. */
export function rowGroups(connectivity: Connectivity): readonly RowGroup[] {
  const shares = sharesOf(connectivity);
  const groups = groupsOf(connectivity, shares);
  const outcomes = new Outcomes();
  const found = new Map<string, { sources: string[]; destinations: RowGroup['destinations'] }>();
  const add = (
    sources: readonly string[],
    row: readonly number[],
    more: readonly (readonly [number, string])[],
  ): void => {
    const key = `${row.join()} ${more.map(([outcome, range]) => `${outcome}=${range}`).join()}`;
    const known = found.get(key);
    if (known !== undefined) known.sources.push(...sources);
    else found.set(key, { sources: [...sources], destinations: destinationsOf(row, more, groups, outcomes) });
  };
  for (const [range, row] of outsideSources(connectivity, groups, shares, outcomes)) add([range], row, []);
  for (const group of groups) {
    const [source, another = source] = group;
    if (source === undefined) continue;
    const row = groups.map((other) => {
      const destination = other === group ? another : other[0];
      const found = destination === undefined ? undefined : rowBetween(connectivity, source, destination, shares);
      return found === undefined ? 0 : outcomes.numberOf(found.allowed, found.always);
    });
    const outside = outsideRows(connectivity, source.label, shares(source), 'destination').map(
      ({ dst, allowed, always }) => [outcomes.numberOf(allowed, always), dst] as const,
    );
    add(
      group.map(({ label }) => label),
      row,
      outside,
    );
  }
  return [...found.values()].filter(({ destinations }) => destinations.length > 0);
}

/** Pairs of numbers as one; 0 is nothing. */
class Outcomes {
  readonly #pairs: (readonly [allowed: number, always: number])[] = [[0, 0]];
  readonly #numbers = new Map<string, number>();

  numberOf(allowed: number, always: number): number {
    const key = `${allowed} ${always}`;
    const number = this.#numbers.get(key) ?? this.#pairs.push([allowed, always]) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  pairOf(number: number): readonly [allowed: number, always: number] {
    return this.#pairs[number] ?? [0, 0];
  }
}

function destinationsOf(
  row: readonly number[],
  more: readonly (readonly [number, string])[],
  groups: readonly (readonly Workload[])[],
  outcomes: Outcomes,
): RowGroup['destinations'] {
  const names = new Map<number, string[]>();
  const put = (outcome: number, list: readonly string[]): void => {
    const known = names.get(outcome);
    if (known === undefined) names.set(outcome, [...list]);
    else for (const name of list) known.push(name);
  };
  for (const [index, outcome] of row.entries()) {
    if (outcome > 0)
      put(
        outcome,
        (groups[index] ?? []).map(({ label }) => label),
      );
  }
  for (const [outcome, range] of more) put(outcome, [range]);
  return [...names].map(([outcome, list]) => {
    const [allowed, always] = outcomes.pairOf(outcome);
    return { allowed, always, names: list.sort() };
  });
}

/** Ranges of addresses with what they may do; neighbours that may do the same are one. */
function outsideSources(
  connectivity: Connectivity,
  groups: readonly (readonly Workload[])[],
  shares: SharesOf,
  outcomes: Outcomes,
): readonly (readonly [range: string, row: readonly number[]])[] {
  const { classes, table } = connectivity;
  return FAMILIES.flatMap((family) => {
    const rowOf = memoize((kind: number): { readonly key: string; readonly row: readonly number[] } => {
      const row = groups.map(([destination]) => {
        let allowed = table.none;
        let always = table.all;
        for (const { slot } of destination === undefined ? [] : shares(destination)) {
          const number = connectivity.between(classes.outside(family, kind), slot);
          allowed = table.unite(allowed, number);
          always = table.intersect(always, number);
        }
        return allowed === table.none ? 0 : outcomes.numberOf(allowed, always);
      });
      return { key: row.join(), row };
    });
    const ranges: { first: IpAddr; last: IpAddr; kind: number }[] = [];
    for (const { first, last, kind } of classes.atoms[family].atoms) {
      const before = ranges.at(-1);
      if (before !== undefined && rowOf(before.kind).key === rowOf(kind).key) before.last = last;
      else ranges.push({ first, last, kind });
    }
    return ranges.map(({ first, last, kind }) => [printRange(first, last), rowOf(kind).row] as const);
  });
}
