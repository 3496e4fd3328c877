/** A table while its text is read. */
import { eager, lazy } from '../../lib/lazy.ts';
import type { DatatypeName } from './datatype.ts';
import type { BaseChain, NftChain, NftElement, NftFamily, NftObject, NftRule, NftSet, NftTable } from './ruleset.ts';

export class DraftChain {
  readonly name: string;
  comment: string | undefined;
  base: BaseChain | undefined;
  rules: NftRule[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

/** A set while its elements are read. */
export type DraftSet = Omit<NftSet, 'elements'> & {
  readonly keyTypes: readonly DatatypeName[];
  elements: NftElement[];
};

/** A table named again goes on where it was left. */
export class DraftTable {
  readonly family: NftFamily;
  readonly name: string;
  comment: string | undefined;
  dormant = false;
  readonly objects: NftObject[] = [];
  readonly #chains = new Map<string, DraftChain>();
  readonly #sets = new Map<string, DraftSet>();

  constructor(family: NftFamily, name: string) {
    this.family = family;
    this.name = name;
  }

  /** The chain called so, made where it is not there yet. */
  chain(name: string): DraftChain {
    let chain = this.#chains.get(name);
    if (chain === undefined) {
      chain = new DraftChain(name);
      this.#chains.set(name, chain);
    }
    return chain;
  }

  findSet(name: string): DraftSet | undefined {
    return this.#sets.get(name);
  }

  /** Declared again, a set gains elements. */
  addSet(set: DraftSet): void {
    const known = this.#sets.get(set.name);
    if (known === undefined) this.#sets.set(set.name, set);
    else known.elements.push(...set.elements);
  }

  /** `flush table`: the chains lose their rules. */
  flush(): void {
    for (const chain of this.#chains.values()) chain.rules = [];
  }

  finish(): NftTable {
    const chains = new Map<string, NftChain>(
      [...this.#chains.values()].map(({ name, comment, base, rules }) => [
        name,
        {
          name,
          ...(comment === undefined ? {} : { comment }),
          ...(base === undefined ? {} : { base }),
          rules: eager(rules),
        },
      ]),
    );
    const sets = new Map<string, NftSet>(
      [...this.#sets.values()].map(({ elements, ...set }) => [set.name, { ...set, elements: eager(elements) }]),
    );
    return tableOf(
      {
        family: this.family,
        name: this.name,
        ...(this.comment === undefined ? {} : { comment: this.comment }),
        ...(this.dormant ? { dormant: true } : {}),
        objects: this.objects,
      },
      chains,
      sets,
    );
  }
}

function tableOf(
  head: Pick<NftTable, 'family' | 'name' | 'comment' | 'dormant' | 'objects'>,
  chains: ReadonlyMap<string, NftChain>,
  sets: ReadonlyMap<string, NftSet>,
): NftTable {
  return {
    ...head,
    sets: lazy(() => [...sets.values()]),
    chains: lazy(() => [...chains.values()]),
    baseChains: lazy(() => [...chains.values()].filter(({ base }) => base !== undefined)),
    chain: (name) => chains.get(name),
    set: (name) => sets.get(name),
  };
}
