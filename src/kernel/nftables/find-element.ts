/** Look-ups in sets: what was configured, and what rules have put in since the run began (nft_lookup.c, nft_dynset.c). */
import { lazy } from '../../lib/lazy.ts';
import type { MatchEnv } from '../netfilter/match.ts';
import { StateSlot } from '../netfilter/state.ts';
import type { OriginId } from '../origin.ts';
import type { DatatypeName } from './datatype.ts';
import { ElementIndex } from './element-index.ts';
import type { AnonymousElement, AnonymousSet, MapData, SetSource, Value } from './expression.ts';
import type { NftElement, NftSet, NftTable } from './ruleset.ts';

/** The element that was found. */
export type Hit = { readonly data: MapData | undefined; readonly origin: OriginId | undefined };

const named = new WeakMap<NftSet, () => ElementIndex<NftElement>>();
const anonymous = new WeakMap<AnonymousSet, ElementIndex<AnonymousElement>>();

/** Nodes may share one set object, and then it is indexed once. */
function indexOf(set: NftSet): ElementIndex<NftElement> {
  let index = named.get(set);
  if (index === undefined) {
    index = lazy(() => new ElementIndex(set.elements(), set.keyTypes));
    named.set(set, index);
  }
  return index();
}

function anonymousIndexOf(set: AnonymousSet, types: readonly DatatypeName[]): ElementIndex<AnonymousElement> {
  let index = anonymous.get(set);
  if (index === undefined) {
    index = new ElementIndex(set.elements, types);
    anonymous.set(set, index);
  }
  return index;
}

/** What rules changed: a key with its data, or false where it was deleted. */
const changes = new StateSlot<Map<string, { readonly data: MapData | undefined } | false>>(() => new Map());

function keyOf(values: readonly Value[]): string {
  return values.join(' ');
}

/** undefined: no such element. */
export function findElement(
  source: SetSource,
  values: readonly Value[],
  types: readonly DatatypeName[],
  table: NftTable,
  env: MatchEnv,
): Hit | undefined {
  if (source.kind === 'anonymous') {
    const found = anonymousIndexOf(source, types).find(values);
    return found === undefined ? undefined : { data: found.data, origin: undefined };
  }
  const set = table.set(source.name);
  if (set === undefined) return undefined;
  if (set.flags.includes('dynamic') || set.flags.includes('timeout')) {
    const changed = env.state.get(changes, set).get(keyOf(values));
    if (changed !== undefined) return changed === false ? undefined : { data: changed.data, origin: undefined };
  }
  const found = indexOf(set).find(values);
  return found === undefined ? undefined : { data: found.data?.(), origin: found.origin };
}

/** nft_dynset_eval(); false where the set is full and the rule is left. */
export function changeElement(
  operation: 'add' | 'update' | 'delete',
  set: NftSet,
  values: readonly Value[],
  data: MapData | undefined,
  env: MatchEnv,
): boolean {
  const changed = env.state.get(changes, set);
  const key = keyOf(values);
  if (operation === 'delete') {
    changed.set(key, false);
    return true;
  }
  const known = changed.get(key);
  const there = known === undefined ? indexOf(set).find(values) !== undefined : known !== false;
  if (there && operation === 'add') return true;
  // nft_rhash_update(): sets that rules fill hold 65,535 elements unless they say otherwise.
  const count = set.elements().length + [...changed.values()].filter((each) => each !== false).length;
  if (!there && count >= (set.size ?? 65_535)) return false;
  changed.set(key, { data });
  return true;
}
