/** On what the processes of a Pod listen. */
import type { Note } from '../cluster/note.ts';
import type { Pod } from '../cluster/objects.ts';
import type { Listener } from '../kernel/socket.ts';
import { lowerProtocol } from './proxy/service-port.ts';

/**
 * What the Pod's annotation says, else the ports its containers declare. A Pod that declares none is taken to answer on
 * every port, but not on the host network: there it would answer for the whole node.
 */
export function podListeners(pod: Pod): readonly Listener[] {
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return [];
  const process = pod.name;
  if (pod.listen !== undefined) return pod.listen.map((listen) => ({ ...listen, process }));
  if (pod.ports.length > 0)
    return pod.ports.map(({ protocol, port }) => ({ protocol: lowerProtocol(protocol), port, process }));
  if (pod.hostNetwork) return [];
  return (['tcp', 'udp', 'sctp'] as const).map((protocol) => ({ protocol, port: 'any', process }));
}

/**
 * Those that are there now. Of a Pod that is Pending a container still waits (kubelet: getPhase()), and at most the sandbox
 * is there: its address answers, and nothing listens on it.
 */
export function runningListeners(pod: Pod): readonly Listener[] {
  return pod.phase === 'Running' ? podListeners(pod) : [];
}

/** Of every Pod that has an address and no listeners for that reason. */
export function pendingNotes(pods: readonly Pod[]): readonly Note[] {
  return pods
    .filter(({ phase, ips }) => phase === 'Pending' && ips.length > 0)
    .map(({ namespace, name }) => {
      const about = `Pod ${namespace}/${name}`;
      return {
        code: 'POD_PENDING',
        message: `${about} is Pending: its containers have not started, so nothing in it listens`,
        about,
      };
    });
}
