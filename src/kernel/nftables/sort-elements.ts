/** The order in which `nft list` shows the elements of a set: list_expr_sort() (src/mergesort.c), or that of the ranges. */

import { boundsOf } from './constant.ts';
import { type DatatypeName, datatype } from './datatype.ts';
import type { Constant } from './expression.ts';

type Keyed = { readonly key: readonly Constant[] };

/**
 * Keys of one field go by their value; of several, by the bytes of all fields, the last byte counting most, as the
 * little-endian machine reads them (concat_expr_msort_value()). Concatenations with ranges stay as they were added.
 */
export function sortElements<E extends Keyed>(elements: readonly E[], types: readonly DatatypeName[]): readonly E[] {
  const [only, second] = types;
  if (only === undefined) return elements;
  if (second !== undefined) {
    if (elements.some(({ key }) => key.some(({ kind }) => kind !== 'value'))) return elements;
    return sortBy(elements, ({ key }) => littleEndian(key.flatMap((part, i) => bytesOf(part, types[i] ?? 'integer'))));
  }
  // The ends of ranges of names are compared from the first letter on.
  const ranges = elements.some(({ key: [part] }) => part?.kind === 'wildcard');
  return sortBy(elements, ({ key: [part] }) => (part === undefined ? 0n : placeOf(part, only, ranges)));
}

function sortBy<E>(elements: readonly E[], place: (element: E) => bigint): readonly E[] {
  return elements
    .map((element, index) => ({ element, index, place: place(element) }))
    .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : a.index - b.index))
    .map(({ element }) => element);
}

const LAST = 1n << 200n;

function placeOf(part: Constant, type: DatatypeName, ranges: boolean): bigint {
  if (part.kind === 'any') return LAST;
  if (part.kind === 'wildcard') return bigEndian(textBytes(part.start));
  const first = boundsOf(part)?.first;
  if (typeof first === 'number' || typeof first === 'bigint') return BigInt(first);
  const bytes = first === undefined ? [] : bytesOf({ kind: 'value', value: first }, type);
  return ranges || type === 'ether_addr' ? bigEndian(bytes) : littleEndian(bytes);
}

function bytesOf(part: Constant, type: DatatypeName): readonly number[] {
  const { bytes, networkOrder } = datatype(type);
  const value = part.kind === 'value' ? part.value : 0;
  if (typeof value === 'string') {
    if (type === 'ether_addr') return value.split(':').map((byte) => Number.parseInt(byte, 16));
    return textBytes(value, bytes);
  }
  const all = Array.from({ length: bytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n));
  return networkOrder ? all.reverse() : all;
}

function textBytes(text: string, length = 16): readonly number[] {
  const bytes = [...Buffer.from(text).subarray(0, length)];
  return [...bytes, ...Array.from({ length: length - bytes.length }, () => 0)];
}

function bigEndian(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function littleEndian(bytes: readonly number[]): bigint {
  return bigEndian([...bytes].reverse());
}
