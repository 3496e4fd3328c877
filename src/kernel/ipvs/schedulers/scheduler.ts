/** What a scheduler is: the kernel's arithmetic for one connection, and what that comes to where the past is unknown. */
import type { Fraction } from '../../../lib/fraction.ts';
import type { IpAddr } from '../../../net/address.ts';
import type { RealServer, VirtualServer } from '../virtual-server.ts';

/** The packet that asks for a server. */
export type Flow = { readonly source: IpAddr; readonly destination: IpAddr; readonly sourcePort: number };

/** Connections that a server has (struct ip_vs_dest: activeconns, inactconns). */
export type Load = { readonly active: number; readonly inactive: number };

/**
 * What a virtual server remembers between two connections. A scheduler reads and writes only its own part; all of it
 * starts empty, as on a service that was just made.
 */
export class ServiceState {
  readonly loads = new Map<RealServer, Load>();
  /** rr: the server that got the last connection. */
  last: RealServer | undefined;
  /** wrr: place in the list (-1: its head) and current weight. */
  place = -1;
  level = 0;
  /** lblc: the server of a destination; lblcr: its servers. */
  readonly ofDestination = new Map<IpAddr, Set<RealServer>>();

  load(server: RealServer): Load {
    return this.loads.get(server) ?? { active: 0, inactive: 0 };
  }
}

/** ip_vs_dest_conn_overhead(): an active connection counts 256 times as much as one that is ending. */
export function overhead({ active, inactive }: Load): number {
  return active * 256 + inactive;
}

/** What part of all connections a server gets. */
export type Share = { readonly server: RealServer; readonly probability: Fraction };

/** One file of net/netfilter/ipvs/ip_vs_*.c (struct ip_vs_scheduler). */
export interface Scheduler {
  /** Whether the packet alone decides (a hash), whatever connections there were before. */
  readonly fixed: boolean;
  /** The server of a new connection; undefined: none is available. */
  pick(service: VirtualServer, state: ServiceState, flow: Flow): RealServer | undefined;
  /** Which server a connection gets where nobody knows what came before it. Empty: none is available. */
  shares(service: VirtualServer, flow: Flow): readonly Share[];
  /** The same where NAT has drawn the source port at random; undefined: the port does not matter. */
  sharesByPort?(service: VirtualServer): readonly Share[] | undefined;
  /** Under which assumption that holds; undefined where none is made. */
  readonly assumption: string | undefined;
}

/** IP_VS_DEST_F_OVERLOAD: too many connections; set and cleared by ip_vs_bind_dest() and ip_vs_unbind_dest(). */
export function isOverloaded(server: RealServer, state: ServiceState): boolean {
  const { active, inactive } = state.load(server);
  return server.upper !== 0 && active + inactive >= server.upper;
}
