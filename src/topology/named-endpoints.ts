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
  ['cronjob', 'CronJob'],
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
    owners = groupByOwner(cluster, cluster.podsInNamespace(namespace));
    namespaces.set(namespace, owners);
  }
  return owners.get(`${kind} ${name}`) ?? [];
}

function groupByOwner(cluster: Cluster, pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const { kind, name } of ownersOf(cluster, pod)) {
      const owner = `${kind} ${name}`;
      const group = groups.get(owner);
      if (group === undefined) groups.set(owner, [pod]);
      else group.push(pod);
    }
  }
  return groups;
}

/** Who made the Pod, and who made that. */
export function ownersOf(cluster: Cluster, pod: Pod): readonly WorkloadOwner[] {
  const { owner, namespace } = pod;
  if (owner === undefined) return [];
  const written = cluster.workload(owner.kind, namespace, owner.name)?.owner;
  const above = written ?? ownerByName(owner, pod);
  return above === undefined ? [owner] : [owner, above];
}

type WorkloadOwner = NonNullable<Pod['owner']>;

function ownerByName({ kind, name }: WorkloadOwner, { labels }: Pod): WorkloadOwner | undefined {
  switch (kind) {
    // Named after its Deployment and a hash (pod-template-hash).
    case 'ReplicaSet': {
      const ending = `-${labels['pod-template-hash'] ?? ''}`;
      if (ending === '-' || !name.endsWith(ending)) return undefined;
      return { kind: 'Deployment', name: name.slice(0, -ending.length) };
    }
    // pkg/controller/cronjob/utils.go getJobName(): after its CronJob and the minute that it was due, since 1970.
    case 'Job': {
      const [, cronJob] = /^(.+)-\d{8}$/.exec(name) ?? [];
      return cronJob === undefined ? undefined : { kind: 'CronJob', name: cronJob };
    }
    default:
      return undefined;
  }
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

export function hasEnded({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
