/** Kinds that make Pods: what they make, and how many. */
import type { FieldReader } from '../field-reader.ts';
import { STRING as ANNOTATION, BOOLEAN, integer, STRING } from '../field-type.ts';
import { DNS_SUBDOMAIN, readLabels } from '../names.ts';
import type { LabelSelector, Labels, Pod } from '../objects.ts';
import { ownField } from '../plain-object.ts';
import type { Source } from '../source.ts';
import { type OwnerReference, readMetadata, readNamespace, readOwner } from './metadata.ts';
import type { ReadOptions } from './read-options.ts';
import { type PodSpec, readListen, readPodSpec } from './read-pod.ts';
import { readSelector } from './read-selector.ts';

export const WORKLOAD_KINDS = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'ReplicationController',
] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export type Workload = {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly source: Source;
  /** Of a DaemonSet: not used, it has one Pod a node. */
  readonly replicas: number;
  /** Number of the first Pod of a StatefulSet. */
  readonly firstOrdinal: number;
  readonly selector: LabelSelector;
  readonly owner: OwnerReference | undefined;
  readonly template: {
    readonly labels: Labels;
    readonly annotations: Labels;
    readonly spec: PodSpec;
    readonly listen: Pod['listen'];
  };
  readonly serviceName: string | undefined;
};

const REPLICAS = integer(0, 2 ** 31 - 1);

export function readWorkload(kind: WorkloadKind, reader: FieldReader, options: ReadOptions): Workload | undefined {
  const metadata = readMetadata(reader, DNS_SUBDOMAIN, false);
  const namespace = readNamespace(reader, options.defaultNamespace);
  const outer = reader.requiredObject('spec');
  const spec = kind === 'CronJob' ? outer?.requiredObject('jobTemplate')?.requiredObject('spec') : outer;
  const template = spec?.requiredObject('template');
  const podSpec = template?.requiredObject('spec');
  if (metadata === undefined || spec === undefined || template === undefined || podSpec === undefined) return undefined;
  const templateMetadata = template.object('metadata');
  const labels = templateMetadata === undefined ? {} : readLabels(templateMetadata, 'labels');
  const annotations = templateMetadata?.map('annotations', ANNOTATION) ?? {};
  const ordinals = kind === 'StatefulSet' ? spec.object('ordinals') : undefined;
  const workload: Workload = {
    kind,
    namespace,
    name: metadata.name,
    source: metadata.source,
    replicas: readReplicas(kind, reader, outer, spec),
    firstOrdinal: ordinals?.optional('start', REPLICAS) ?? 0,
    selector: readWorkloadSelector(kind, spec, labels),
    owner: readOwner(reader),
    template: { labels, annotations, spec: readPodSpec(podSpec), listen: readListen(template, annotations) },
    serviceName: kind === 'StatefulSet' ? spec.optional('serviceName', STRING) : undefined,
  };
  return workload;
}

/** Of a Job: what its controller keeps active. Nothing of a CronJob that is suspended runs. */
function readReplicas(
  kind: WorkloadKind,
  reader: FieldReader,
  outer: FieldReader | undefined,
  spec: FieldReader,
): number {
  if (kind === 'CronJob') return outer?.optional('suspend', BOOLEAN) === true ? 0 : readActive(spec, undefined);
  return kind === 'Job' ? readActive(spec, reader.object('status')) : (spec.optional('replicas', REPLICAS) ?? 1);
}

/**
 * pkg/controller/job/job_controller.go manageJob(): with `completions` no more than are still to succeed; without, what runs
 * goes on once one has succeeded. SetDefaults_Job(): a Job with neither number has one completion.
 */
function readActive(spec: FieldReader, status: FieldReader | undefined): number {
  const given = spec.optional('parallelism', REPLICAS);
  const completions = spec.optional('completions', REPLICAS) ?? (given === undefined ? 1 : undefined);
  const suspended = spec.optional('suspend', BOOLEAN) === true;
  const succeeded = status?.optional('succeeded', REPLICAS) ?? 0;
  if (suspended || (status !== undefined && isFinished(status))) return 0;
  const parallelism = given ?? 1;
  if (completions !== undefined) return Math.min(parallelism, Math.max(0, completions - succeeded));
  return succeeded > 0 ? (status?.optional('active', REPLICAS) ?? 0) : parallelism;
}

/** IsJobFinished(), and the conditions under which syncJob() deletes what still runs. */
const ENDING: ReadonlySet<unknown> = new Set(['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget']);

function isFinished(status: FieldReader): boolean {
  if (status.optional('completionTime', STRING) !== undefined) return true;
  return status.objects('conditions').some(({ value }) => {
    const isTrue = ownField(value, 'status');
    return ENDING.has(ownField(value, 'type')) && (isTrue === 'True' || isTrue === true);
  });
}

/** Jobs get a selector from the Job controller: here, their template's labels say which Pods are theirs. */
function readWorkloadSelector(kind: WorkloadKind, spec: FieldReader, labels: Labels): LabelSelector {
  if (kind === 'ReplicationController') {
    const matchLabels = readLabels(spec, 'selector');
    return { matchLabels: Object.keys(matchLabels).length > 0 ? matchLabels : labels, matchExpressions: [] };
  }
  return readSelector(spec, 'selector') ?? { matchLabels: labels, matchExpressions: [] };
}
