/** A port that NAT has drawn at random: what is known of it is the ranges that it may lie in. */
import { fraction } from '../../lib/fraction.ts';
import type { PortRange } from '../../net/port-range.ts';
import type { Chance } from './match.ts';

/** Rules may ask for it again: each answer leaves fewer ports for the next one. */
export class DrawnPort {
  #left: readonly PortRange[];

  /** nf_nat_l4proto_unique_tuple() draws every port of the range as likely as the others. */
  constructor(range: PortRange) {
    this.#left = [range];
  }

  /** Chance decides where some of the ports that are left lie in the range, and some do not. */
  isWithin(asked: PortRange, decide: (chance: Chance) => boolean): boolean {
    const inside = this.#left.flatMap((range) => overlap(range, asked));
    const [some, all] = [count(inside), count(this.#left)];
    if (some === 0 || some === all) return some > 0;
    const what = `a port drawn by NAT lies in ${asked.first}-${asked.last}`;
    const hit = decide({ kind: 'random', what, probability: fraction(some, all) });
    this.#left = hit ? inside : this.#left.flatMap((range) => without(range, asked));
    return hit;
  }
}

function overlap(range: PortRange, other: PortRange): readonly PortRange[] {
  const [first, last] = [Math.max(range.first, other.first), Math.min(range.last, other.last)];
  return first <= last ? [{ first, last }] : [];
}

function without(range: PortRange, other: PortRange): readonly PortRange[] {
  return [
    ...overlap(range, { first: 0, last: other.first - 1 }),
    ...overlap(range, { first: other.last + 1, last: 65535 }),
  ];
}

function count(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
