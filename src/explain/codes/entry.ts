import type { Text } from '../language.ts';

/** Where in the stack the decision falls. */
type Layer =
  | 'dns'
  | 'pod'
  | 'link'
  | 'route'
  | 'tunnel'
  | 'netfilter'
  | 'service'
  | 'policy'
  | 'ingress'
  | 'socket'
  | 'model';

/** What the client's program sees. */
export type Symptom =
  | 'connected'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'permission-denied'
  | 'name-error'
  | 'hangs'
  | 'http-403'
  | 'http-404'
  | 'http-500'
  | 'http-502'
  | 'http-503'
  | 'http-504';

/** All that is known about one reason code. */
export type CodeEntry = {
  readonly layer: Layer;
  /** The usual symptom of a TCP client; undefined for notes, which drop nothing. A trace states its own. */
  readonly symptom: Symptom | undefined;
  readonly meaning: Text;
  /**
   * Why this packet ended here. Placeholders: source, destination (as asked), from, to (addresses at the end), protocol,
   * port, node, device, place (table/chain), end (the machine where it ended), sender, receiver (with their Pods), target (of
   * ARP), rule, origin, policies, pod, service, broadcast (why nothing is sent to such an address).
   */
  readonly summary: Text;
  readonly causes: readonly Text[];
  readonly fixes: readonly Text[];
};
