/**
 * Elements found by their key: one hash table for each combination of prefix lengths, as net/netfilter/nft_set_pipapo.c
 * turns ranges into prefixes. A look-up asks as many tables as there are combinations, however many elements there are.
 */

import { boundsOf, matchesConstant } from './constant.ts';
import { type DatatypeName, datatype } from './datatype.ts';
import type { Constant, Value } from './expression.ts';

type Keyed = { readonly key: readonly Constant[] };

/** What of a field must be equal: its first `bits` bits, or of a name its first `bits` letters; undefined: all of it. */
type Part = { readonly bits: number | undefined; readonly value: Value };

/** An element with ranges in many fields would fill the tables: it is looked at by itself instead. */
const MOST_KEYS = 4096;

export class ElementIndex<E extends Keyed> {
  readonly #types: readonly DatatypeName[];
  readonly #shapes = new Map<
    string,
    { readonly bits: readonly (number | undefined)[]; readonly table: Map<string, E> }
  >();
  readonly #unindexed: E[] = [];
  #any: E | undefined;

  constructor(elements: readonly E[], types: readonly DatatypeName[]) {
    this.#types = types;
    for (const element of elements) this.#add(element);
  }

  /** The element that the values belong to, one value for each field. */
  find(values: readonly Value[]): E | undefined {
    for (const { bits, table } of this.#shapes.values()) {
      let key = '';
      for (const [i, value] of values.entries()) key += ` ${this.#cut(value, bits[i], i)}`;
      const found = table.get(key);
      if (found !== undefined) return found;
    }
    const slow = this.#unindexed.find(({ key }) =>
      key.every((part, i) => {
        const value = values[i];
        return value !== undefined && matchesConstant(value, part);
      }),
    );
    return slow ?? this.#any;
  }

  #add(element: E): void {
    if (element.key.every(({ kind }) => kind === 'any')) {
      this.#any ??= element;
      return;
    }
    let keys: (readonly Part[])[] = [[]];
    for (const [i, part] of element.key.entries()) {
      const parts = partsOf(part, this.#types[i] ?? 'integer');
      if (keys.length * parts.length > MOST_KEYS) {
        this.#unindexed.push(element);
        return;
      }
      keys = keys.flatMap((key) => parts.map((each) => [...key, each]));
    }
    for (const key of keys) this.#put(key, element);
  }

  #put(key: readonly Part[], element: E): void {
    const shape = key.map(({ bits }) => bits ?? 'all').join(' ');
    let entry = this.#shapes.get(shape);
    if (entry === undefined) {
      entry = { bits: key.map(({ bits }) => bits), table: new Map() };
      this.#shapes.set(shape, entry);
    }
    let text = '';
    for (const [i, { bits, value }] of key.entries()) text += ` ${this.#cut(value, bits, i)}`;
    if (!entry.table.has(text)) entry.table.set(text, element);
  }

  #cut(value: Value, bits: number | undefined, field: number): string {
    if (bits === undefined) return String(value);
    if (typeof value === 'string') return value.slice(0, bits);
    const away = 8 * datatype(this.#types[field] ?? 'integer').bytes - bits;
    return typeof value === 'number' ? String(Math.floor(value / 2 ** away)) : String(value >> BigInt(away));
  }
}

function partsOf(constant: Constant, type: DatatypeName): readonly Part[] {
  switch (constant.kind) {
    case 'value':
      return [{ bits: undefined, value: constant.value }];
    case 'prefix':
      return [{ bits: constant.bits, value: constant.value }];
    case 'wildcard':
      return [{ bits: constant.start.length, value: constant.start }];
    case 'any':
      return [{ bits: 0, value: datatype(type).bytes > 8 ? 0n : 0 }];
    case 'range':
      return prefixesOf(constant, 8 * datatype(type).bytes);
  }
}

/** A range as the fewest prefixes that cover it. */
function prefixesOf(constant: Constant, width: number): readonly Part[] {
  const bounds = boundsOf(constant);
  if (bounds === undefined || typeof bounds.first === 'string' || typeof bounds.last === 'string') return [];
  const big = typeof bounds.first === 'bigint';
  const parts: Part[] = [];
  let at = BigInt(bounds.first);
  const last = BigInt(bounds.last);
  while (at <= last) {
    let size = 0;
    while (size < width && (at & ((1n << BigInt(size + 1)) - 1n)) === 0n && at + (1n << BigInt(size + 1)) - 1n <= last)
      size++;
    parts.push({ bits: width - size, value: big ? at : Number(at) });
    at += 1n << BigInt(size);
  }
  return parts;
}
