/**
 * Which rules of a long chain can match a packet at all. One that leads to thousands of addresses has a rule or
 * two for each: the evaluator skips those that are for another address instead of asking them one by one. The order of
 * the rest is kept, and skipped rules count as examined, for the kernel examines them.
 */
import type { IpAddr } from '../../net/address.ts';
import type { Rule } from './ruleset.ts';

/** Chains shorter than this are walked plainly: the look-up would cost more than it saves. */
export const WORTH_AN_INDEX = 32;

class DispatchIndex {
  readonly #byDestination = new Map<IpAddr, number[]>();
  /** Rules that are not bound to one destination. */
  readonly #others: number[] = [];
  readonly #length: number;

  constructor(rules: readonly Rule[]) {
    this.#length = rules.length;
    for (const [index, rule] of rules.entries()) {
      const destination = singleDestination(rule);
      if (destination === undefined) {
        this.#others.push(index);
        continue;
      }
      const known = this.#byDestination.get(destination);
      if (known === undefined) this.#byDestination.set(destination, [index]);
      else known.push(index);
    }
  }

  /** The first rule from `start` on that may match; the chain's length when there is none. */
  next(start: number, destination: IpAddr): number {
    return Math.min(
      firstFrom(this.#byDestination.get(destination), start),
      firstFrom(this.#others, start),
      this.#length,
    );
  }
}

/** Only the header match, which is asked first and looks at nothing but the packet, may rule a rule out. */
function singleDestination(rule: Rule): IpAddr | undefined {
  if (rule.destination !== undefined) return rule.destination;
  const [header] = rule.matches;
  const dst = header?.name === 'header' ? header.narrows?.dst : undefined;
  if (dst === undefined) return undefined;
  return dst.bits === (typeof dst.addr === 'number' ? 32 : 128) ? dst.addr : undefined;
}

/** The smallest of the ascending numbers that is not below `start`. */
function firstFrom(ascending: readonly number[] | undefined, start: number): number {
  if (ascending === undefined) return Number.POSITIVE_INFINITY;
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return ascending[low] ?? Number.POSITIVE_INFINITY;
}

const indexes = new WeakMap<readonly Rule[], DispatchIndex>();

/** How many rules from `start` on cannot match a packet to this destination. */
export function skippable(rules: readonly Rule[], start: number, destination: IpAddr): number {
  if (rules.length < WORTH_AN_INDEX) return 0;
  let index = indexes.get(rules);
  if (index === undefined) {
    index = new DispatchIndex(rules);
    indexes.set(rules, index);
  }
  return index.next(start, destination) - start;
}
