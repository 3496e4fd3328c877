import type { Labels, Pod } from './objects.ts';
import { matchesLabels } from './selector.ts';

/** Pods by namespace and label pair, so that the Pods of a Service are found without looking at all of them. */
export class LabelIndex {
  /** By namespace, key and value; no joined keys, for there may be a million pairs. */
  readonly #pods = new Map<string, Map<string, Map<string, Pod[]>>>();

  constructor(pods: Iterable<Pod>) {
    for (const pod of pods) {
      const keys = inner(this.#pods, pod.namespace);
      for (const key of Object.keys(pod.labels)) {
        const values = inner(keys, key);
        const value = pod.labels[key] ?? '';
        const list = values.get(value);
        if (list === undefined) values.set(value, [pod]);
        else list.push(pod);
      }
    }
  }

  /** Pods of the namespace that carry every pair, in the order they were given. `wanted` must not be empty. */
  matching(namespace: string, wanted: Labels): readonly Pod[] {
    const keys = Object.keys(wanted);
    let shortest: readonly Pod[] | undefined;
    for (const key of keys) {
      const list =
        this.#pods
          .get(namespace)
          ?.get(key)
          ?.get(wanted[key] ?? '') ?? [];
      if (shortest === undefined || list.length < shortest.length) shortest = list;
    }
    if (keys.length === 1) return shortest ?? [];
    return (shortest ?? []).filter((pod) => matchesLabels(wanted, pod.labels));
  }
}

function inner<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
