/** Makes the Pods of workloads that have none in the input: name-0, name-1 … */
import { type Issue, issue } from '../../lib/result.ts';
import type { Note } from '../note.ts';
import type { Labels, Pod } from '../objects.ts';
import type { PodDraft } from '../read/read-pod.ts';
import type { Workload } from '../read/read-workload.ts';
import { matchesLabels } from '../selector.ts';
import { positionOf } from '../source.ts';
import { type Candidate, openNodes } from './schedule.ts';
import { ownerKey, WorkloadPods, workloadKey } from './workload-pods.ts';

/** The largest cluster that Kubernetes supports (seeds.md, limits the notes name). */
const MOST_PODS = 150_000;
/** How many Pods a note names. */
const NAMED = 3;

export function expandWorkloads(
  workloads: readonly Workload[],
  existing: readonly PodDraft[],
  nodes: readonly Candidate[],
  notes: Note[],
  issues: Issue[],
): readonly PodDraft[] {
  if (workloads.length === 0) return [];
  const pods = new WorkloadPods(workloads, existing);
  const known = new Set(workloads.map(workloadKey));
  const owners = new Set(
    workloads.flatMap(({ owner, namespace }) => (owner === undefined ? [] : [ownerKey(owner, namespace)])),
  );
  const names = new Set(existing.map(({ pod }) => `${pod.namespace}/${pod.name}`));
  const made: PodDraft[] = [];
  for (const workload of workloads) {
    const { kind, namespace, owner } = workload;
    const self = workloadKey(workload);
    // The owner makes the Pods: a ReplicaSet's Deployment. A CronJob leaves them to its Jobs.
    if (kind !== 'Job' && owner !== undefined && known.has(ownerKey(owner, namespace))) continue;
    if (kind === 'CronJob' && owners.has(self)) continue;
    if (pods.hasOwn(workload)) continue;
    const hosts = kind === 'DaemonSet' ? daemonNodes(workload, nodes) : undefined;
    const count = hosts === undefined ? workload.replicas : hosts.length;
    const taken = pods.orphansOf(workload);
    if (taken.length > 0) {
      if (count > 0) notes.push(takenNote(self, taken));
      continue;
    }
    if (existing.length + made.length + count > MOST_PODS) {
      const message = `${self}: ${count} Pods are more than a cluster can hold (${MOST_PODS})`;
      issues.push(issue('too-many-pods', message, { at: positionOf(workload.source, 'spec', 'replicas') }));
      continue;
    }
    const own = Array.from({ length: count }, (_, i) => makePod(workload, i, hosts?.[i]?.name, names));
    for (const pod of own) made.push({ pod, placement: workload.template.spec.placement, controller: undefined });
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) continue;
    const which = first === last ? `Pod ${first.name} was` : `Pods ${first.name} to ${last.name} were`;
    const message = `the input holds no Pod of ${self}: ${which} made from its template, running and ready`;
    notes.push({ code: 'PODS_MADE', message, about: self });
  }
  return made;
}

function takenNote(self: string, pods: readonly Pod[]): Note {
  const names = pods.slice(0, NAMED).map(({ name }) => name);
  const more = pods.length > NAMED ? ` and ${pods.length - NAMED} more` : '';
  const which = `${pods.length === 1 ? 'Pod' : 'Pods'} ${names.join(', ')}${more}`;
  const why = `no Pod is controlled by ${self}, and its selector matches ${which} without a controller`;
  const them = pods.length === 1 ? 'it is taken for its Pod' : 'they are taken for its Pods';
  return { code: 'PODS_TAKEN', message: `${why}: ${them}, and none is made from its template`, about: self };
}

function daemonNodes({ template }: Workload, nodes: readonly Candidate[]): readonly Candidate[] {
  const { nodeSelector, toleratesControlPlane } = template.spec.placement;
  return openNodes(nodes, toleratesControlPlane).filter(({ labels }) => matchesLabels(nodeSelector, labels));
}

function makePod(workload: Workload, ordinal: number, node: string | undefined, names: Set<string>): Pod {
  const { kind, namespace, name, template, serviceName } = workload;
  let number = workload.firstOrdinal + ordinal;
  while (names.has(`${namespace}/${name}-${number}`)) number++;
  const podName = `${name}-${number}`;
  names.add(`${namespace}/${podName}`);
  const { placement: _, ...spec } = template.spec;
  const stateful = kind === 'StatefulSet';
  return {
    kind: 'Pod',
    namespace,
    name: podName,
    labels: podLabels(workload, podName, number),
    annotations: template.annotations,
    source: workload.source,
    ...spec,
    node: node ?? spec.node,
    ips: [],
    phase: 'Running',
    ready: true,
    terminating: false,
    ...(template.listen === undefined ? {} : { listen: template.listen }),
    ...(stateful ? { hostname: podName } : {}),
    ...(stateful && serviceName !== undefined && serviceName !== '' ? { subdomain: serviceName } : {}),
    owner: { kind, name },
  };
}

/** The labels that the controllers add to those of the template. */
function podLabels({ kind, name, template }: Workload, podName: string, number: number): Labels {
  const labels: Record<string, string> = Object.create(null);
  Object.assign(labels, template.labels);
  if (kind === 'StatefulSet') {
    labels['statefulset.kubernetes.io/pod-name'] = podName;
    labels['apps.kubernetes.io/pod-index'] = String(number);
  }
  if (kind === 'Job') {
    labels['job-name'] = name;
    labels['batch.kubernetes.io/job-name'] = name;
  }
  return labels;
}
