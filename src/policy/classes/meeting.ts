/** Two ends that stand for two slots, as they see each other. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pod } from '../../cluster/objects.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { type End, podEnd } from '../end.ts';
import { nodeEnd } from '../node-end.ts';
import type { Slot } from './pod-classes.ts';

export type Meeting = { readonly source: End; readonly destination: End };

/** undefined where no two different ends of the slots have addresses of the family and are on one node, or on two, as asked. */
export function meetingOf(
  cluster: Cluster,
  family: Family,
  from: Slot,
  to: Slot,
  onOneNode: boolean,
): Meeting | undefined {
  const [sender, receiver] = podsMeeting(from, to, onOneNode) ?? [];
  const source = from.kind === 'outside' ? from.as.source[family] : endOf(sender, family);
  const destination = to.kind === 'outside' ? to.as.destination[family] : endOf(receiver, family);
  if (source === undefined || destination === undefined) return undefined;
  // A machine's own address, which `nodeEnd` takes for that of a tunnel where one leads to the other end.
  const node = from.kind === 'hosts' ? cluster.settings.nodes.find(({ name }) => name === source.node) : undefined;
  return {
    source: node === undefined ? source : nodeEnd(cluster, node, source.ip, destination, 'source'),
    destination,
  };
}

/** What is outside is on no node. */
function podsMeeting(
  from: Slot,
  to: Slot,
  onOneNode: boolean,
): readonly [Pod | undefined, Pod | undefined] | undefined {
  if (from.kind === 'outside' || to.kind === 'outside') return onOneNode ? undefined : [from.pods[0], to.pods[0]];
  for (const sender of from.pods) {
    const receiver = to.pods.find((pod) => pod !== sender && (pod.node === sender.node) === onOneNode);
    if (receiver !== undefined) return [sender, receiver];
  }
  return undefined;
}

function endOf(pod: Pod | undefined, family: Family): End | undefined {
  const ip = pod?.ips.find((each) => familyOf(each) === family);
  return pod === undefined || ip === undefined ? undefined : podEnd(pod, ip);
}
