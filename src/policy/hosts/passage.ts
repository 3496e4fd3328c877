/** A device that a packet of the connection passes, or one without which none of them gets through. */
import type { End } from '../end.ts';
import type { Direction } from '../rule-set.ts';

export type Tunnel = 'ipip' | 'vxlan';

/** The messages by which IPv6 finds a neighbour (RFC 4861). */
export type Discovery = 'solicitation' | 'advertisement';

export type Passage = {
  readonly node: string;
  /** undefined: that of a Pod on the node. */
  readonly device: string | undefined;
  readonly direction: Direction;
  /** The machine's own traffic, what it hands on, the packet of a tunnel that holds the connection's, or what has to come before. */
  readonly way: 'own' | 'forwarded' | Tunnel | Discovery;
  /** As the packet has them there. */
  readonly source: End;
  readonly destination: End;
};

export function isDiscovery(way: Passage['way']): way is Discovery {
  return way === 'solicitation' || way === 'advertisement';
}
