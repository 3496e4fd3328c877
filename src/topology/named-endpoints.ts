/** Pods, workloads, Services and machines by the names that people write. */
import type { Cluster } from '../cluster/cluster.ts';
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
    const pods = podsOfOwner(cluster, namespace, kindName, name);
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

const byOwner = new WeakMap<Cluster, Map<string, ReadonlyMap<string, readonly Pod[]>>>();

/** By namespace, indexed at its first question: a suite asks thousands, and a namespace may have a thousand Pods. */
function podsOfOwner(cluster: Cluster, namespace: string, kind: string, name: string): readonly Pod[] {
  let namespaces = byOwner.get(cluster);
  if (namespaces === undefined) {
    namespaces = new Map();
    byOwner.set(cluster, namespaces);
  }
  let owners = namespaces.get(namespace);
  if (owners === undefined) {
    owners = groupByOwner(cluster.podsInNamespace(namespace));
    namespaces.set(namespace, owners);
  }
  return owners.get(`${kind} ${name}`) ?? [];
}

function groupByOwner(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const owner of ownersOf(pod)) {
      const group = groups.get(owner);
      if (group === undefined) groups.set(owner, [pod]);
      else group.push(pod);
    }
  }
  return groups;
}

/** A Deployment's Pods belong to a ReplicaSet named after it and a hash (pod-template-hash). */
function ownersOf({ owner, labels }: Pod): readonly string[] {
  if (owner === undefined) return [];
  const own = `${owner.kind} ${owner.name}`;
  const hash = labels['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? [own, `Deployment ${owner.name.slice(0, -hash.length - 1)}`]
    : [own];
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
