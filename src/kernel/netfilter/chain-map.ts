import { type Lazy, lazy } from '../../lib/lazy.ts';
import type { Chain } from './ruleset.ts';

/** Chains by name, of which some are made when they are first asked for by name, and all when somebody lists them. */
export class ChainMap implements ReadonlyMap<string, Chain> {
  readonly #known: ReadonlyMap<string, Chain>;
  readonly #find: (name: string) => Chain | undefined;
  readonly #whole: Lazy<ReadonlyMap<string, Chain>>;

  /** `list` gives all of them, the known ones too, in the order in which they are printed. */
  constructor(
    known: ReadonlyMap<string, Chain>,
    find: (name: string) => Chain | undefined,
    list: () => ReadonlyMap<string, Chain>,
  ) {
    this.#known = known;
    this.#find = find;
    this.#whole = lazy(list);
  }

  get(name: string): Chain | undefined {
    return this.#known.get(name) ?? this.#find(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return this.#whole().size;
  }

  keys(): MapIterator<string> {
    return this.#whole().keys();
  }

  values(): MapIterator<Chain> {
    return this.#whole().values();
  }

  entries(): MapIterator<[string, Chain]> {
    return this.#whole().entries();
  }

  [Symbol.iterator](): MapIterator<[string, Chain]> {
    return this.entries();
  }

  forEach(callback: (chain: Chain, name: string, map: ReadonlyMap<string, Chain>) => void): void {
    for (const [name, chain] of this) callback(chain, name, this);
  }
}
