/** Gives Pods without a node one: in turn, as a scheduler with nothing else to weigh would spread them. */
import { printIp } from '../../net/address.ts';
import type { Note } from '../note.ts';
import type { Labels, Pod } from '../objects.ts';
import type { Placement, PodDraft } from '../read/read-pod.ts';
import { matchesLabels } from '../selector.ts';

export type Candidate = {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly unschedulable: boolean;
  readonly labels: Labels;
};

/** Nodes that Pods may go to: workers, or every node when there is no worker. */
export function openNodes(nodes: readonly Candidate[], toleratesControlPlane: boolean): readonly Candidate[] {
  const open = nodes.filter(({ unschedulable }) => !unschedulable);
  if (toleratesControlPlane) return open;
  const workers = open.filter(({ controlPlane }) => !controlPlane);
  return workers.length > 0 ? workers : open;
}

export function schedulePods(drafts: readonly PodDraft[], nodes: readonly Candidate[], notes: Note[]): readonly Pod[] {
  const taken = new Set<string>();
  for (const { pod } of drafts) if (pod.node !== undefined) occupy(taken, pod, pod.node);
  let turn = 0;
  const eligibleFor = memoizeByText((placement: Placement): Eligible => {
    const selects = ({ labels }: Candidate): boolean => matchesLabels(placement.nodeSelector, labels);
    const preferred = openNodes(nodes, false).filter(selects);
    const all = placement.toleratesControlPlane ? openNodes(nodes, true).filter(selects) : preferred;
    return { preferred, others: all.filter((node) => !preferred.includes(node)) };
  });
  return drafts.map(({ pod, placement }) => {
    if (pod.node !== undefined || pod.phase !== 'Running') return pod;
    // Workers come first in turn; a Pod that tolerates the control plane goes there when no worker fits.
    const eligible = eligibleFor(placement);
    const chosen =
      inTurn(eligible.preferred, turn, (node) => fits(taken, pod, node.name)) ??
      eligible.others.find((node) => fits(taken, pod, node.name));
    const about = `Pod ${pod.namespace}/${pod.name}`;
    if (chosen === undefined) {
      const none = eligible.preferred.length + eligible.others.length === 0;
      const why = none ? 'no node fits its nodeSelector' : 'its host ports are taken on every node';
      notes.push({ code: 'POD_PENDING', message: `${about} stays Pending: ${why}`, about });
      return { ...pod, phase: 'Pending', ready: false };
    }
    turn++;
    occupy(taken, pod, chosen.name);
    notes.push({ code: 'POD_NODE_ASSUMED', message: `${about} is taken to run on ${chosen.name}`, about });
    return { ...pod, node: chosen.name };
  });
}

type Eligible = { readonly preferred: readonly Candidate[]; readonly others: readonly Candidate[] };

/** Most Pods ask for the same: what follows from a placement is worked out once. */
function memoizeByText<V>(compute: (placement: Placement) => V): (placement: Placement) => V {
  const kept = new Map<string, V>();
  return (placement) => {
    const text = `${placement.toleratesControlPlane} ${JSON.stringify(placement.nodeSelector)}`;
    const known = kept.get(text);
    if (known !== undefined) return known;
    const value = compute(placement);
    kept.set(text, value);
    return value;
  };
}

function inTurn<T>(list: readonly T[], turn: number, accepts: (item: T) => boolean): T | undefined {
  for (let step = 0; step < list.length; step++) {
    const item = list[(turn + step) % list.length];
    if (item !== undefined && accepts(item)) return item;
  }
  return undefined;
}

/** NodePorts plugin of the scheduler: two Pods with one host port cannot share a node (seed S34). */
function fits(taken: ReadonlySet<string>, pod: Pod, node: string): boolean {
  return pod.ports.every(({ hostPort, hostIp, protocol }) => {
    if (hostPort === undefined) return true;
    const prefix = `${node} ${protocol} ${hostPort} `;
    if (hostIp === undefined) return !taken.has(`${prefix}any`);
    return !taken.has(`${prefix}${printIp(hostIp)}`) && !taken.has(`${prefix}all`);
  });
}

/** `any` stands for somebody at all, `all` for somebody on every address. */
function occupy(taken: Set<string>, pod: Pod, node: string): void {
  for (const { hostPort, hostIp, protocol } of pod.ports) {
    if (hostPort === undefined) continue;
    const prefix = `${node} ${protocol} ${hostPort} `;
    taken.add(`${prefix}any`);
    taken.add(hostIp === undefined ? `${prefix}all` : `${prefix}${printIp(hostIp)}`);
  }
}
