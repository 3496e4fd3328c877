/** Connections that IPVS has given to a server: net/netfilter/ipvs/ip_vs_conn.c */
import type { IpAddr } from '../../net/address.ts';
import { StateSlot } from '../netfilter/state.ts';
import type { IpvsProtocol, RealServer, VirtualServer } from './virtual-server.ts';

/** struct ip_vs_iphdr: the addresses of a packet as it lies here; ports in host order. */
export type IpvsProtocolPorts = {
  readonly protocol: IpvsProtocol;
  readonly src: IpAddr;
  readonly sport: number;
  readonly dst: IpAddr;
  readonly dport: number;
};

/** struct ip_vs_conn: client, virtual and destination address, each with a port. */
export type IpvsConnection = {
  readonly protocol: IpvsProtocol;
  readonly client: IpAddr;
  readonly clientPort: number;
  readonly virtual: IpAddr;
  readonly virtualPort: number;
  readonly destination: IpAddr;
  readonly destinationPort: number;
  readonly service: VirtualServer;
  readonly server: RealServer;
};

function keyOf(protocol: IpvsProtocol, a: IpAddr, aPort: number, b: IpAddr, bPort: number): string {
  return `${protocol} ${a} ${aPort} ${b} ${bPort}`;
}

/** ip_vs_conn_tab: every connection is found from either end. */
export class IpvsConnections {
  readonly #fromClient = new Map<string, IpvsConnection>();
  readonly #fromServer = new Map<string, IpvsConnection>();

  add(c: IpvsConnection): void {
    this.#fromClient.set(keyOf(c.protocol, c.client, c.clientPort, c.virtual, c.virtualPort), c);
    this.#fromServer.set(keyOf(c.protocol, c.destination, c.destinationPort, c.client, c.clientPort), c);
  }

  /** ip_vs_conn_in_get(): a packet of the client, for the virtual address. */
  in({ protocol, src, sport, dst, dport }: IpvsProtocolPorts): IpvsConnection | undefined {
    return this.#fromClient.get(keyOf(protocol, src, sport, dst, dport));
  }

  /** ip_vs_conn_out_get(): a packet of the server, for the client. */
  out({ protocol, src, sport, dst, dport }: IpvsProtocolPorts): IpvsConnection | undefined {
    return this.#fromServer.get(keyOf(protocol, src, sport, dst, dport));
  }
}

/** The same flow seen from its other end. */
export function inverse({ protocol, src, sport, dst, dport }: IpvsProtocolPorts): IpvsProtocolPorts {
  return { protocol, src: dst, sport: dport, dst: src, dport: sport };
}

/** What a namespace remembers; under one key, as there is one table. */
export const IPVS_CONNECTIONS = new StateSlot<IpvsConnections>(() => new IpvsConnections());
/** The one key of IPVS's slot in a namespace's memory. */
export const IPVS_KEY = 'ipvs';
