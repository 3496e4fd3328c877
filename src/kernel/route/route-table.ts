/** The routes of one table, found by destination: net/ipv4/fib_trie.c fib_table_lookup(). */
import { type IpAddr, isIp4 } from '../../net/address.ts';
import { maskIp } from '../../net/prefix.ts';
import type { Route } from './route.ts';

/** Routes of one prefix length: `from` included, `to` not. */
type Stretch = { readonly bits: number; readonly from: number; readonly to: number };

/**
 * Sorted, and searched by halves. A node of a large cluster has a route to each other node's block, and every node has
 * its own table: a map would take ten times the memory of two arrays, and is built no faster.
 */
export class RouteTable {
  readonly #routes: readonly Route[];
  readonly #keys: readonly IpAddr[];
  readonly #four: readonly Stretch[];
  readonly #six: readonly Stretch[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.toSorted(compareRoutes);
    this.#keys = this.#routes.map(({ destination }) => maskIp(destination.addr, destination.bits));
    this.#four = this.#stretches(true);
    this.#six = this.#stretches(false);
  }

  /** All that hold the address: the longest prefix first, and of one prefix by type of service and metric. */
  matches(address: IpAddr): readonly Route[] {
    const found: Route[] = [];
    for (const { bits, from, to } of isIp4(address) ? this.#four : this.#six) {
      const key = maskIp(address, bits);
      for (let at = this.#firstOf(key, from, to); at < to && this.#keys[at] === key; at++) {
        const route = this.#routes[at];
        if (route !== undefined) found.push(route);
      }
    }
    return found;
  }

  /** The first place from `low` on whose key is not below `key`; `high` when there is none. */
  #firstOf(key: IpAddr, from: number, to: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#keys[middle];
      if (there !== undefined && there < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #stretches(four: boolean): readonly Stretch[] {
    const found: Stretch[] = [];
    for (let from = 0; from < this.#routes.length; ) {
      const first = this.#routes[from]?.destination;
      let to = from + 1;
      while (to < this.#routes.length && isAlike(this.#routes[to], this.#routes[from])) to++;
      if (first !== undefined && isIp4(first.addr) === four) found.push({ bits: first.bits, from, to });
      from = to;
    }
    return found;
  }
}

/** Of one family and one length. */
function isAlike(a: Route | undefined, b: Route | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.destination.bits === b.destination.bits &&
    isIp4(a.destination.addr) === isIp4(b.destination.addr)
  );
}

function compareRoutes(a: Route, b: Route): number {
  const [left, right] = [a.destination, b.destination];
  if (isIp4(left.addr) !== isIp4(right.addr)) return isIp4(left.addr) ? -1 : 1;
  if (left.bits !== right.bits) return right.bits - left.bits;
  const [first, second] = [maskIp(left.addr, left.bits), maskIp(right.addr, right.bits)];
  if (first !== second) return first < second ? -1 : 1;
  return (b.tos ?? 0) - (a.tos ?? 0) || a.metric - b.metric;
}
