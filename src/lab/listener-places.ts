/** Listeners as the listening program's arguments: `tcp:0.0.0.0:80`. */
import type { LabListener } from './plan.ts';

/** Ports of a process about which nothing is known: nobody can listen on all of them. */
const ANY_PORTS: readonly number[] = [53, 80, 443, 8080];

export function listenerPlaces(listeners: readonly LabListener[]): readonly string[] {
  return listeners.flatMap(({ protocol, address, port }) => {
    if (protocol === 'sctp') return [];
    const numbers = port === 'any' ? ANY_PORTS : [port];
    return numbers.map((number) => `${protocol}:${address === '' ? '0.0.0.0' : address}:${number}`);
  });
}
