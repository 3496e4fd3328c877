/** Requirements of label selectors, and labels, as every report writes them. */
import type { LabelMiss } from '../cluster/selector.ts';
import { assertNever } from '../lib/assert.ts';
import { enumerate, literal, type Phrase, phrase, text } from './language.ts';

export const LABEL_WORDS = {
  none: text('no {key}', '无 {key}'),
  notIn: text('{key} not in ({values})', '{key} 不在 ({values}) 中'),
  oneOf: text('{key} in ({values})', '{key} 属于 ({values})'),
  ofNamespace: text('namespace {need}', '命名空间 {need}'),
} as const;

/** What selectors asked for, of namespaces first: `namespace team=a, app=web, tier in (a, b), no legacy`. */
export function sayNeeds(misses: readonly LabelMiss[], ofNamespaces: readonly LabelMiss[] = []): Phrase {
  const namespaces = ofNamespaces.map((miss) => phrase(LABEL_WORDS.ofNamespace, { need: sayNeed(miss) }));
  return enumerate([...namespaces, ...misses.map(sayNeed)]);
}

/** What the labels have in its place: `app=api, no tier`. */
export function sayHas(misses: readonly LabelMiss[]): Phrase {
  return enumerate(
    misses.map(({ key, has }) => (has === undefined ? phrase(LABEL_WORDS.none, { key }) : literal(`${key}=${has}`))),
  );
}

function sayNeed({ key, operator, values }: LabelMiss): Phrase {
  const list = { key, values: values.join(', ') };
  switch (operator) {
    case 'In':
      return values.length === 1 ? literal(`${key}=${values[0]}`) : phrase(LABEL_WORDS.oneOf, list);
    case 'NotIn':
      return phrase(LABEL_WORDS.notIn, list);
    case 'Exists':
      return literal(key);
    case 'DoesNotExist':
      return phrase(LABEL_WORDS.none, { key });
    default:
      return assertNever(operator);
  }
}
