/** Pods, workloads, Services and machines by the names that people write. */
import type { Pod, Service } from '../cluster/objects.ts';
import type { EndpointOptions } from './endpoint.ts';
import type { EndpointKind, EndpointText } from './endpoint-text.ts';
import type { Loaded } from './load.ts';
import type { Machine } from './world/machine.ts';

export type Found =
  | {
      readonly kind: Exclude<EndpointKind, 'svc' | 'node' | 'host' | 'container'>;
      readonly label: string;
      readonly pods: readonly Pod[];
    }
  | { readonly kind: 'node' | 'host' | 'container'; readonly label: string; readonly machine: Machine }
  | { readonly kind: 'svc'; readonly label: string; readonly service: Service };

/** Everything of that name: of the kind that is named, else of any. */
export function findNamed(
  { kind, namespace: given, name }: EndpointText,
  loaded: Loaded,
  options: EndpointOptions,
): readonly Found[] {
  const { cluster, world } = loaded;
  const namespace = given ?? options.namespace;
  const found: Found[] = [];
  const wants = (...kinds: readonly EndpointKind[]): boolean => (kind === undefined ? true : kinds.includes(kind));
  const service = wants('svc') ? cluster.service(namespace, name) : undefined;
  if (service !== undefined) found.push({ kind: 'svc', label: `${namespace}/svc/${name}`, service });
  const pod = wants('pod') ? cluster.pod(namespace, name) : undefined;
  if (pod !== undefined) found.push({ kind: 'pod', label: `${namespace}/pod/${name}`, pods: [pod] });
  for (const [workload, kindName] of WORKLOADS) {
    if (!wants(workload)) continue;
    const pods = cluster.podsInNamespace(namespace).filter((candidate) => isOwnedBy(candidate, kindName, name));
    if (pods.length > 0) found.push({ kind: workload, label: `${namespace}/${workload}/${name}`, pods });
  }
  if (given !== undefined) return found;
  for (const machineKind of ['node', 'host', 'container'] as const) {
    const machine = wants(machineKind) ? world[machineKind](name) : undefined;
    if (machine !== undefined) found.push({ kind: machineKind, label: `${machineKind}/${name}`, machine });
  }
  return found;
}

export const WORKLOADS: readonly (readonly [
  Exclude<EndpointKind, 'svc' | 'node' | 'host' | 'container' | 'pod'>,
  string,
])[] = [
  ['deploy', 'Deployment'],
  ['sts', 'StatefulSet'],
  ['ds', 'DaemonSet'],
  ['rs', 'ReplicaSet'],
  ['job', 'Job'],
];

/** A Deployment's Pods belong to a ReplicaSet named after it and a hash (pod-template-hash). */
function isOwnedBy({ owner, labels }: Pod, kind: string, name: string): boolean {
  if (owner === undefined) return false;
  if (owner.kind === kind && owner.name === name) return true;
  const hash = labels['pod-template-hash'];
  return kind === 'Deployment' && owner.kind === 'ReplicaSet' && hash !== undefined && owner.name === `${name}-${hash}`;
}

export function firstRunning(pods: readonly Pod[]): readonly Pod[] {
  const running = pods.find((pod) => notRunning(pod) === undefined);
  return running === undefined ? pods.slice(0, 1) : [running];
}

export function notRunning(pod: Pod): string | undefined {
  if (pod.phase !== 'Running') return `is ${pod.phase}`;
  if (pod.node === undefined) return 'is on no node';
  return pod.ips.length === 0 ? 'has no address' : undefined;
}
