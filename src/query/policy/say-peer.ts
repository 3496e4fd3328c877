/** Pods that a rule means, as `connectivity --exposure` calls them. */
import type { LabelSelector } from '../../cluster/objects.ts';
import { literal, type Phrase, phrase, text } from '../../explain/language.ts';
import type { PotentialPeer } from '../../policy/classes/exposure.ts';

const WORDS = {
  everybody: text('entire-cluster', '整个集群'),
  peer: text('[{where}]/[Pods {which}]', '[{where}]/[{which} 的 Pod]'),
  namespace: text('namespace {name}', '命名空间 {name}'),
  listed: text('namespaces {names}', '命名空间 {names}'),
  namespaces: text('namespaces {which}', '{which} 的命名空间'),
  same: text('namespaces with the same {keys}', '{keys} 相同的命名空间'),
  another: text('namespaces with another {keys}', '{keys} 不同的命名空间'),
  any: text('of any labels', '任意标签'),
  labels: text('with {labels}', '带有 {labels}'),
} as const;

/** `[namespaces with team=a]/[Pods with app=web]`; `entire-cluster` for everybody. */
export function sayPeer(term: PotentialPeer | undefined): Phrase {
  if (term === undefined) return phrase(WORDS.everybody);
  return phrase(WORDS.peer, { where: sayNamespaces(term.namespaces), which: sayLabels(term.pods) });
}

function sayNamespaces(namespaces: PotentialPeer['namespaces']): Phrase {
  switch (namespaces.kind) {
    case 'named':
      return phrase(WORDS.namespace, { name: literal(namespaces.name) });
    case 'listed':
      return phrase(WORDS.listed, { names: literal(namespaces.names.join(', ')) });
    case 'selector':
      return phrase(WORDS.namespaces, { which: sayLabels(namespaces.selector) });
    case 'same-labels':
      return phrase(WORDS.same, { keys: namespaces.keys.join(', ') });
    case 'not-same-labels':
      return phrase(WORDS.another, { keys: namespaces.keys.join(', ') });
  }
}

function sayLabels(selector: LabelSelector | undefined): Phrase {
  const pairs = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(', ')})`;
  });
  const all = [...pairs, ...expressions];
  return all.length === 0 ? phrase(WORDS.any) : phrase(WORDS.labels, { labels: all.join(', ') });
}
