/** Which workloads have Pods in the input: by who controls a Pod, not by labels alone (pkg/controller: GetControllerOf). */
import { LabelIndex } from '../label-index.ts';
import type { Pod } from '../objects.ts';
import type { OwnerReference } from '../read/metadata.ts';
import type { PodDraft } from '../read/read-pod.ts';
import type { Workload, WorkloadKind } from '../read/read-workload.ts';
import { matchesSelector } from '../selector.ts';

/** Who stands between a workload and its Pods, as `kubectl get -o yaml` of the Pods alone leaves it out. */
const MAKES: Readonly<Partial<Record<WorkloadKind, WorkloadKind>>> = { Deployment: 'ReplicaSet', CronJob: 'Job' };

export class WorkloadPods {
  /** Workloads that control Pods, themselves or through another workload of the input. */
  readonly #controllers: ReadonlySet<string>;
  /** Pods of controllers that the input does not hold, by kind of controller. */
  readonly #ofStrangers: ReadonlyMap<string, LabelIndex>;
  readonly #orphans: LabelIndex;

  constructor(workloads: readonly Workload[], existing: readonly PodDraft[]) {
    const owners = new Map(workloads.map((workload) => [workloadKey(workload), workload.owner]));
    const controllers = new Set<string>();
    const strangers = new Map<string, Pod[]>();
    const orphans: Pod[] = [];
    for (const { pod, controller } of existing) {
      if (controller === undefined) {
        if (isActive(pod)) orphans.push(pod);
      } else if (counts(pod, controller)) {
        const key = ownerKey(controller, pod.namespace);
        addChain(key, pod.namespace, owners, controllers);
        if (!owners.has(key)) listOf(strangers, controller.kind).push(pod);
      }
    }
    this.#controllers = controllers;
    this.#ofStrangers = new Map([...strangers].map(([kind, pods]) => [kind, new LabelIndex(pods)]));
    this.#orphans = new LabelIndex(orphans);
  }

  /** Whether a Pod is controlled by it, or by what it would make and the input does not hold. */
  hasOwn(workload: Workload): boolean {
    if (this.#controllers.has(workloadKey(workload))) return true;
    const between = this.#ofStrangers.get(MAKES[workload.kind] ?? '');
    return between !== undefined && selected(workload, between).length > 0;
  }

  /**
   * Active Pods that it selects and that nobody controls. A controller adopts them (controller_ref_manager.go: ClaimPods);
   * a Deployment would not, for its ReplicaSet selects pod-template-hash, but who writes both by hand means it so.
   */
  orphansOf(workload: Workload): readonly Pod[] {
    return selected(workload, this.#orphans);
  }
}

export function workloadKey({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): string {
  return ownerKey({ kind, name }, namespace);
}

export function ownerKey({ kind, name }: OwnerReference, namespace: string): string {
  return `${kind} ${namespace}/${name}`;
}

function listOf(lists: Map<string, Pod[]>, kind: string): Pod[] {
  const list = lists.get(kind) ?? [];
  lists.set(kind, list);
  return list;
}

function addChain(
  first: string,
  namespace: string,
  owners: ReadonlyMap<string, OwnerReference | undefined>,
  controllers: Set<string>,
): void {
  let key: string | undefined = first;
  while (key !== undefined && !controllers.has(key)) {
    controllers.add(key);
    const owner = owners.get(key);
    key = owner === undefined ? undefined : ownerKey(owner, namespace);
  }
}

/** What has ended is replaced, but for the Pod of a Job: it has done its work. */
function counts(pod: Pod, { kind }: OwnerReference): boolean {
  return kind === 'Job' || !hasEnded(pod);
}

/** controller_utils.go: IsPodActive. */
function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !pod.terminating;
}

function hasEnded({ phase }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** One without labels would pick every Pod of the namespace; it picks none here. */
function selected({ namespace, selector }: Workload, index: LabelIndex): readonly Pod[] {
  if (Object.keys(selector.matchLabels).length === 0) return [];
  return index.matching(namespace, selector.matchLabels).filter(({ labels }) => matchesSelector(selector, labels));
}
