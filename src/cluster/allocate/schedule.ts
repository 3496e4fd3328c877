/** Gives Pods without a node one: in turn, as a scheduler with nothing else to weigh would spread them. */
import { printIp } from '../../net/address.ts';
import type { Note } from '../note.ts';
import type { Labels, Pod } from '../objects.ts';
import type { PodDraft } from '../read/read-pod.ts';
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
  return drafts.map(({ pod, placement }) => {
    if (pod.node !== undefined || pod.phase !== 'Running') return pod;
    // A Pod of the control plane's own runs there only if it says so; others are spread over the workers.
    const open = openNodes(nodes, false);
    const all = placement.toleratesControlPlane ? [...open, ...openNodes(nodes, true)] : open;
    const selected = all.filter(({ labels }) => matchesLabels(placement.nodeSelector, labels));
    const preferred = Math.max(1, selected.filter((node) => open.includes(node)).length);
    const order = selected.map((_, index) => selected[index < preferred ? (turn + index) % preferred : index]);
    const chosen = order.find((node) => node !== undefined && fits(taken, pod, node.name));
    const about = `Pod ${pod.namespace}/${pod.name}`;
    if (chosen === undefined) {
      const why = selected.length === 0 ? 'no node fits its nodeSelector' : 'its host ports are taken on every node';
      notes.push({ code: 'POD_PENDING', message: `${about} stays Pending: ${why}`, about });
      return { ...pod, phase: 'Pending', ready: false };
    }
    turn++;
    occupy(taken, pod, chosen.name);
    notes.push({ code: 'POD_NODE_ASSUMED', message: `${about} is taken to run on ${chosen.name}`, about });
    return { ...pod, node: chosen.name };
  });
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
