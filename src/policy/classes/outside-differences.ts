/** Rows between workloads and the outside, compared: their ranges are cut where either side begins or ends. */
import { NO_CONNECTIONS } from '../connection-set.ts';
import { printRange } from './address-atoms.ts';
import type { Connectivity } from './connectivity.ts';
import { type Change, changeOf, differenceOf, isPartial, NO_DIFFERENCE } from './difference.ts';
import { overlayRanges, parseRange, type RangeCell } from './overlay-ranges.ts';
import type { PodGroups } from './pod-groups.ts';
import { outsideRows, type Row } from './rows.ts';

/** Before and after. */
type Pair<T> = [was: T, is: T];

/** Takes the rows of both sides one by one, and gives those that differ. */
export class OutsideDifferences {
  readonly #sides: Readonly<Pair<Connectivity>>;
  readonly #groups: PodGroups;
  readonly #cells = new Map<string, OutsideCells>();

  constructor(before: Connectivity, after: Connectivity, groups: PodGroups) {
    this.#sides = [before, after];
    this.#groups = groups;
  }

  /** False for a row between workloads. */
  take(row: Row, side: 0 | 1): boolean {
    const isSource = parseRange(row.src) === undefined;
    const range = parseRange(isSource ? row.dst : row.src);
    if (range === undefined) return false;
    const label = isSource ? row.src : row.dst;
    const key = `${isSource} ${typeof range.first} ${label}`;
    const own = this.#cells.get(key) ?? {
      label,
      isSource,
      family: typeof range.first,
      pair: [[], []],
      partial: false,
    };
    own.pair[side].push({
      ...range,
      allowed: this.#sides[side].table.setOf(row.allowed),
    });
    this.#cells.set(key, { ...own, partial: own.partial || isPartial(row) });
    return true;
  }

  *rows(): Generator<{ readonly src: string; readonly dst: string; readonly change: Change }> {
    for (const cells of this.#cells.values()) {
      const { label, isSource, pair, partial } = cells;
      const pairs = [pair, ...(partial ? this.#ofGroups(cells) : [])];
      for (const { first, last, sets } of overlayRanges(pairs.flat())) {
        const allowed = (place: number) => sets[place] ?? NO_CONNECTIONS;
        const [ofWorkload = NO_DIFFERENCE, ...ofPods] = pairs.map((_, index) =>
          differenceOf(allowed(2 * index), allowed(2 * index + 1)),
        );
        const change = changeOf(ofWorkload, ofPods);
        if (change === undefined) continue;
        const range = printRange(first, last);
        yield { src: isSource ? label : range, dst: isSource ? range : label, change };
      }
    }
  }

  /** The same ranges as each group of the workload's Pods has them by itself, before and after. */
  #ofGroups({ label, isSource, family }: OutsideCells): readonly Readonly<Pair<readonly RangeCell[]>>[] {
    const cellsOf = (side: 0 | 1, slot: number): readonly RangeCell[] => {
      const connectivity = this.#sides[side];
      return outsideRows(connectivity, label, [{ slot }], isSource ? 'destination' : 'source').flatMap((row) => {
        const range = parseRange(isSource ? row.dst : row.src);
        if (range === undefined || typeof range.first !== family) return [];
        return [{ ...range, allowed: connectivity.table.setOf(row.allowed) }];
      });
    };
    return this.#groups.of(label).map(({ before, after }) => [cellsOf(0, before), cellsOf(1, after)]);
  }
}

type OutsideCells = {
  readonly label: string;
  /** Whether the workload is the source. */
  readonly isSource: boolean;
  /** Addresses of the two families are of two types. */
  readonly family: string;
  readonly pair: Readonly<Pair<RangeCell[]>>;
  readonly partial: boolean;
};
