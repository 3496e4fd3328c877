/** Values as `nft list` prints them. */
import { type DatatypeName, datatype } from './datatype.ts';
import type { AnonymousElement, Constant, MapData, Verdict } from './expression.ts';
import { sortElements } from './sort-elements.ts';

/** `10.0.0.0/8`, `80-90`, `*`. */
export function printConstant(constant: Constant, type: DatatypeName): string {
  const { print } = datatype(type);
  switch (constant.kind) {
    case 'value':
      return print(constant.value);
    case 'prefix':
      return `${print(constant.value)}/${constant.bits}`;
    case 'range':
      return `${print(constant.first)}-${print(constant.last)}`;
    case 'wildcard':
      return `"${constant.start}*"`;
    case 'any':
      return '*';
  }
}

/** Fields with dots between. */
export function printKey(key: readonly Constant[], types: readonly DatatypeName[]): string {
  const [first] = key;
  if (first?.kind === 'any' && key.every(({ kind }) => kind === 'any')) return '*';
  // Several flags are one value here, and commas part the elements.
  return key
    .map((constant, index) => printConstant(constant, types[index] ?? 'integer').replaceAll(',', ' | '))
    .join(' . ');
}

/** `accept`, `jump chain`. */
export function printVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'jump':
    case 'goto':
      return `${verdict.kind} ${verdict.chain}`;
    case 'queue':
      return verdict.text;
    default:
      return verdict.kind;
  }
}

/** What stands behind the colon of an element. */
export function printMapData(data: MapData, types: readonly DatatypeName[]): string {
  return data.kind === 'verdict' ? printVerdict(data.verdict) : printKey(data.values, types);
}

/** `{ 80, 443 }`; a single key without data needs no braces. */
export function printAnonymousSet(
  elements: readonly AnonymousElement[],
  keyTypes: readonly DatatypeName[],
  dataTypes: readonly DatatypeName[],
): string {
  const sorted = sortElements(elements, keyTypes);
  const texts = sorted.map(({ key, data }) =>
    data === undefined ? printKey(key, keyTypes) : `${printKey(key, keyTypes)} : ${printMapData(data, dataTypes)}`,
  );
  const [only] = sorted;
  if (texts.length === 1 && only?.data === undefined && keyTypes.length === 1) return texts[0] ?? '';
  return `{ ${texts.join(', ')} }`;
}
