/** What a Pod listens on. */
import type { Pod, Protocol } from '../cluster/objects.ts';
import type { Listener } from '../kernel/socket.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

/**
 * `nettrace.io/listen` when it is given, else the declared container ports, else every port: about a Pod that names no
 * port nothing is known, and the report says so.
 */
export function podListeners(pod: Pod): readonly Listener[] {
  if (pod.listen !== undefined) {
    return pod.listen.map(({ protocol, port, address }) => ({
      protocol,
      port,
      ...(address === undefined ? {} : { address }),
    }));
  }
  if (pod.ports.length === 0) return PROTOCOLS.map((protocol) => ({ protocol, port: 'any' as const }));
  return pod.ports.map(({ protocol, port }) => ({ protocol: PROTOCOL_NAMES[protocol], port }));
}

/** The names by which iptables and the kernel know the protocols of the API. */
export const PROTOCOL_NAMES: Readonly<Record<Protocol, 'tcp' | 'udp' | 'sctp'>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
};
