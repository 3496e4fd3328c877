/** Workloads by the names that people know: `ns/web[Deployment]`, and Pods that nobody owns. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pod } from '../../cluster/objects.ts';
import { compareText } from '../../cluster/policy/selector.ts';

export type Workload = {
  /** `ns/name[Kind]` */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  /** Those that can send or receive: neither ended nor without an address. */
  readonly pods: readonly Pod[];
};

/** Sorted by label. */
export function workloadsOf(cluster: Cluster): readonly Workload[] {
  const found = new Map<string, { readonly namespace: string; readonly name: string; readonly pods: Pod[] }>();
  for (const pod of cluster.pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed' || pod.ips.length === 0) continue;
    const { kind, name } = ownerOf(pod);
    const label = `${pod.namespace}/${name}[${kind}]`;
    const known = found.get(label);
    if (known === undefined) found.set(label, { namespace: pod.namespace, name, pods: [pod] });
    else known.pods.push(pod);
  }
  return [...found].map(([label, rest]) => ({ label, ...rest })).sort((a, b) => compareText(a.label, b.label));
}

/** A Deployment's Pods belong to a ReplicaSet named after it and a hash (pod-template-hash). */
function ownerOf({ name, owner, labels }: Pod): { readonly kind: string; readonly name: string } {
  if (owner === undefined) return { kind: 'Pod', name };
  const ending = `-${labels['pod-template-hash'] ?? ''}`;
  if (owner.kind === 'ReplicaSet' && ending !== '-' && owner.name.endsWith(ending)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -ending.length) };
  }
  return owner;
}
