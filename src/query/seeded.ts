/** Repeatable choices from a seed. */

import type { Decision } from '../kernel/walk/run.ts';
import { toNumber } from '../lib/fraction.ts';

/**
 * Mulberry32: a small generator whose whole state is one 32-bit word. Good enough to pick a branch; every seed gives the
 * same branches on every machine.
 */
function createGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Takes each option with its probability; options about which nothing is known are equally likely. */
export function seededChooser(seed: number): (decision: Decision) => number {
  const next = createGenerator(seed);
  return ({ options }) => {
    const weights = options.map(({ probability }) =>
      probability === undefined ? 1 / options.length : toNumber(probability),
    );
    let rest = next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      rest -= weight;
      if (rest < 0) return index;
    }
    return options.length - 1;
  };
}
