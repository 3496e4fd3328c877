/** Which ranges of Pod addresses a node holds, and the next free address in them. */
import { type Family, familyOf, type IpAddr, offsetIp } from '../../net/address.ts';
import { contains, maskIp, overlaps, type Prefix, printPrefix, sizeOf, widthOf } from '../../net/prefix.ts';

/** Where nodes get their ranges from, and how large each is. */
export type RangeSource = {
  readonly cidr: Prefix;
  readonly bits: number;
  /** The first place to try for a node, as a number below `count`. */
  start(node: string, count: number): number;
};

/** How far a search for a free range goes: IPv6 pools hold more ranges than can be counted. */
const MOST_RANGES = 2 ** 20;

export class AddressPool {
  readonly #ranges = new Map<string, Prefix[]>();
  readonly #claimed = new Set<string>();
  /** Ranges whose size is not that of their source: compared one by one. */
  readonly #odd: Prefix[] = [];
  readonly #used = new Set<IpAddr>();
  readonly #next = new Map<string, number>();
  readonly #sources: readonly RangeSource[];
  readonly #edges: { readonly first: number; readonly last: number };

  /** @param edges addresses at the start and at the end of a range that no Pod gets */
  constructor(sources: readonly RangeSource[], edges: { readonly first: number; readonly last: number }) {
    this.#sources = sources;
    this.#edges = edges;
  }

  use(ip: IpAddr): void {
    this.#used.add(ip);
  }

  rangesOf(node: string): readonly Prefix[] {
    return this.#ranges.get(node) ?? [];
  }

  claim(node: string, range: Prefix): void {
    const known = this.#ranges.get(node);
    if (known === undefined) this.#ranges.set(node, [range]);
    else known.push(range);
    this.#claimed.add(printPrefix(range));
    if (!this.#sources.some(({ cidr, bits }) => bits === range.bits && contains(cidr, range.addr)))
      this.#odd.push(range);
  }

  /** Claims the range that a Pod's given address lies in, unless some node holds it already. */
  claimAround(node: string, ip: IpAddr): void {
    const source = this.#sources.find(({ cidr }) => contains(cidr, ip));
    if (source === undefined) return;
    const range = { addr: maskIp(ip, source.bits), bits: source.bits };
    if (!this.#isTaken(range)) this.claim(node, range);
  }

  /** Claims the first free range for the node; undefined when there is none left. */
  claimFree(node: string, family: Family): Prefix | undefined {
    for (const { cidr, bits, start } of this.#sources) {
      if (familyOf(cidr.addr) !== family || bits < cidr.bits) continue;
      const count = Math.min(2 ** (bits - cidr.bits), MOST_RANGES);
      const size = 2 ** (widthOf(family) - bits);
      const first = start(node, count);
      for (let step = 0; step < count; step++) {
        const range = { addr: offsetIp(cidr.addr, ((first + step) % count) * size), bits };
        if (this.#isTaken(range)) continue;
        this.claim(node, range);
        return range;
      }
    }
    return undefined;
  }

  /** The next free address of the node's ranges of a family, in order; claims another range when they are full. */
  take(node: string, family: Family): IpAddr | undefined {
    for (const range of this.rangesOf(node)) {
      const ip = familyOf(range.addr) === family ? this.#takeFrom(range, this.#edges) : undefined;
      if (ip !== undefined) return ip;
    }
    const more = this.claimFree(node, family);
    return more === undefined ? undefined : this.#takeFrom(more, this.#edges);
  }

  /** The first free address of the node's first range of a family, for its tunnel. */
  takeForTunnel(node: string, family: Family): IpAddr | undefined {
    const range = this.rangesOf(node).find(({ addr }) => familyOf(addr) === family) ?? this.claimFree(node, family);
    return range === undefined ? undefined : this.#takeFrom(range, this.#edges);
  }

  #takeFrom(range: Prefix, edges: { readonly first: number; readonly last: number }): IpAddr | undefined {
    const key = printPrefix(range);
    const end = Math.min(sizeOf(range), 2 ** 30) - edges.last;
    for (let ordinal = this.#next.get(key) ?? edges.first; ordinal < end; ordinal++) {
      const ip = offsetIp(range.addr, ordinal);
      if (this.#used.has(ip)) continue;
      this.#used.add(ip);
      this.#next.set(key, ordinal + 1);
      return ip;
    }
    this.#next.set(key, end);
    return undefined;
  }

  #isTaken(range: Prefix): boolean {
    return this.#claimed.has(printPrefix(range)) || this.#odd.some((other) => overlaps(other, range));
  }
}
