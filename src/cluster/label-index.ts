import type { Labels, Pod } from './objects.ts';
import { matchesLabels } from './selector.ts';

/** Pods by namespace and label pair, so that the Pods of a Service are found without looking at all of them. */
export class LabelIndex {
  readonly #pods = new Map<string, Pod[]>();

  constructor(pods: Iterable<Pod>) {
    for (const pod of pods) {
      for (const key of Object.keys(pod.labels)) {
        const name = keyOf(pod.namespace, key, pod.labels[key] ?? '');
        const list = this.#pods.get(name);
        if (list === undefined) this.#pods.set(name, [pod]);
        else list.push(pod);
      }
    }
  }

  /** Pods of the namespace that carry every pair, in the order they were given. `wanted` must not be empty. */
  matching(namespace: string, wanted: Labels): readonly Pod[] {
    const keys = Object.keys(wanted);
    let shortest: readonly Pod[] | undefined;
    for (const key of keys) {
      const list = this.#pods.get(keyOf(namespace, key, wanted[key] ?? '')) ?? [];
      if (shortest === undefined || list.length < shortest.length) shortest = list;
    }
    if (keys.length === 1) return shortest ?? [];
    return (shortest ?? []).filter((pod) => matchesLabels(wanted, pod.labels));
  }
}

/** Names and labels hold no space. */
function keyOf(namespace: string, key: string, value: string): string {
  return `${namespace} ${key} ${value}`;
}
