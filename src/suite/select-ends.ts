/** The ends that a pattern stands for: `*`, `ns/*`, `app=web`, `ns/app=web+tier=front`; anything else is one end by its name. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import { labelOf } from '../cluster/selector.ts';

/** More pairs than this in one test are a matrix' job: `nettrace matrix`. */
export const MOST_QUESTIONS = 100_000;

/** What the pattern stands for, each written so that it means one end. undefined: a plain name. */
function podsOfPattern(cluster: Cluster, pattern: string, namespace: string): readonly Pod[] | undefined {
  if (pattern.includes('://')) return undefined;
  // A dot in front of the slash: a namespace has none, the prefix of a label has.
  const slash = pattern.slice(0, pattern.indexOf('/') + 1).includes('.') ? -1 : pattern.indexOf('/');
  const place = slash < 0 ? namespace : pattern.slice(0, slash);
  const rest = slash < 0 ? pattern : pattern.slice(slash + 1);
  const terms = termsOf(rest);
  if (terms === undefined) return undefined;
  const pods = place === '*' ? cluster.pods : cluster.podsInNamespace(place);
  return pods.filter(
    (pod) =>
      pod.phase === 'Running' &&
      pod.node !== undefined &&
      terms.every(([key, value]) => labelOf(pod.labels, key) === value),
  );
}

/** Pairs that a Pod must carry; none for `*`. */
function termsOf(text: string): readonly (readonly [string, string])[] | undefined {
  if (text === '*') return [];
  if (!text.includes('=')) return undefined;
  const terms = text.split('+').map((term) => /^([^=!]+)==?([^=]*)$/.exec(term));
  if (terms.some((term) => term === null)) return undefined;
  return terms.map((term): readonly [string, string] => [term?.[1] ?? '', term?.[2] ?? '']);
}

/** `ns/pod/name` of each Pod, or the name as it stands; port and all of a destination. */
export function expandEnds(cluster: Cluster, pattern: string, namespace: string): readonly string[] {
  const port = /^(?!https?:\/\/)(.*[^:]):(\d{1,5}|[a-z][a-z0-9-]{0,14})$/.exec(pattern);
  const pods = podsOfPattern(cluster, port?.[1] ?? pattern, namespace);
  if (pods === undefined) return [pattern];
  const behind = port === null ? '' : `:${port[2]}`;
  return pods.map((pod) => `${pod.namespace}/pod/${pod.name}${behind}`);
}
