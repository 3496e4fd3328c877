/** Connection sets as numbers: equal sets have one number, and an operation on two of them is worked out once. */
import { type ConnectionSet, intersect, keyOf, NO_CONNECTIONS, subtract, unite } from '../connection-set.ts';

/** Rules have at most so many different sets; the number only keeps keys of pairs apart. */
const PAIR = 2 ** 24;

type Operation = (a: ConnectionSet, b: ConnectionSet) => ConnectionSet;

export class ConnectionTable {
  /** The number of the empty set. */
  readonly none = 0;
  /** The number of the set of everything that is told apart. */
  readonly all: number;
  readonly universe: ConnectionSet;
  readonly #sets: ConnectionSet[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #united = new Map<number, number>();
  readonly #intersected = new Map<number, number>();
  readonly #subtracted = new Map<number, number>();

  constructor(universe: ConnectionSet) {
    this.universe = universe;
    this.numberOf(NO_CONNECTIONS);
    this.all = this.numberOf(universe);
  }

  /** What is outside the universe does not count. */
  numberOf(connections: ConnectionSet): number {
    const set = intersect(connections, this.universe);
    const key = keyOf(set);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#sets.push(set) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  setOf(number: number): ConnectionSet {
    return this.#sets[number] ?? NO_CONNECTIONS;
  }

  unite(a: number, b: number): number {
    if (a === b || b === this.none) return a;
    return a === this.none ? b : this.#once(this.#united, unite, a, b);
  }

  intersect(a: number, b: number): number {
    if (a === b || b === this.all) return a;
    if (a === this.all) return b;
    return a === this.none || b === this.none ? this.none : this.#once(this.#intersected, intersect, a, b);
  }

  subtract(a: number, b: number): number {
    if (a === b || a === this.none) return this.none;
    return b === this.none ? a : this.#once(this.#subtracted, subtract, a, b);
  }

  #once(kept: Map<number, number>, operation: Operation, a: number, b: number): number {
    const pair = a * PAIR + b;
    let result = kept.get(pair);
    if (result === undefined) {
      result = this.numberOf(operation(this.setOf(a), this.setOf(b)));
      kept.set(pair, result);
    }
    return result;
  }
}
