/** Which policies select a Pod, as the beginning of a sentence. */
import { enumerate, literal, type Phrase, phrase, text } from './language.ts';

export const SELECTING_WORDS = {
  one: text('{policy} selects {pod}', '{policy} 选中了 {pod}'),
  many: text('{policies} select {pod}', '{policies} 选中了 {pod}'),
  unnamed: text('a policy selects {pod}', '有策略选中了 {pod}'),
  list: text('{first} and {last}', '{first} 和 {last}'),
  listAndMore: text('{first} and {count} more', '{first} 和另外 {count} 个'),
} as const;

/** More of them make no sentence: the report lists all of them below. */
const MOST_NAMED = 4;

/** `NetworkPolicies shop/default-deny and shop/web select shop/web-1`; no policies: which they are is not known. */
export function saySelecting(pod: string, policies: readonly string[]): Phrase {
  const [policy] = policies;
  if (policy === undefined) return phrase(SELECTING_WORDS.unnamed, { pod });
  if (policies.length === 1) return phrase(SELECTING_WORDS.one, { policy, pod });
  return phrase(SELECTING_WORDS.many, { policies: listOf(policies), pod });
}

function listOf(policies: readonly string[]): Phrase {
  const names = withoutRepeatedKind(policies);
  const shown = names.slice(0, MOST_NAMED);
  if (shown.length < names.length) {
    const count = String(names.length - shown.length);
    return phrase(SELECTING_WORDS.listAndMore, { first: enumerate(shown.map(literal)), count });
  }
  return phrase(SELECTING_WORDS.list, {
    first: enumerate(shown.slice(0, -1).map(literal)),
    last: shown.at(-1) ?? '',
  });
}

/** The kind is said once, in the plural, where all are of one. */
function withoutRepeatedKind(policies: readonly string[]): readonly string[] {
  const kinds = new Set(policies.map((policy) => policy.split(' ')[0]));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === undefined || !kind.endsWith('Policy')) return policies;
  const plural = kind.replace(/y$/, 'ies');
  return policies.map((policy, at) => (at === 0 ? policy.replace(kind, plural) : policy.slice(kind.length + 1)));
}
