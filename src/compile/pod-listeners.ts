/** On what the processes of a Pod listen. */
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
