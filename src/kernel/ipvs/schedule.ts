/** A new connection gets a server: tcp_conn_schedule() and kin, net/netfilter/ipvs/ip_vs_core.c ip_vs_schedule(). */
import { type IpAddr, printIp } from '../../net/address.ts';
import type { Packet } from '../../net/packet.ts';
import type { Alternative } from '../walk/alternatives.ts';
import type { Run } from '../walk/run.ts';
import type { IpvsConnection, IpvsProtocolPorts } from './connection.ts';
import { SCHEDULERS } from './schedulers/index.ts';
import type { Share } from './schedulers/scheduler.ts';
import type { RealServer, VirtualServer } from './virtual-server.ts';
import type { VirtualServerTable } from './virtual-server-table.ts';

/** FTPDATA: active FTP's data connections are made by the real servers. */
const FTP_DATA = 20;

/** The virtual server that a packet asks for; undefined: none, or it is not one that opens a connection. */
export function serviceFor(
  table: VirtualServerTable,
  packet: Packet,
  mark: number,
  flow: IpvsProtocolPorts,
): VirtualServer | undefined {
  if (!opens(packet) || flow.sport === FTP_DATA) return undefined;
  return table.find(mark, flow.protocol, flow.dst, flow.dport);
}

function opens({ transport }: Packet): boolean {
  switch (transport.proto) {
    case 'tcp':
      return transport.flags.includes('SYN') && !transport.flags.includes('RST');
    case 'sctp':
      return transport.chunk === 'INIT';
    case 'udp':
      return true;
    default:
      return false;
  }
}

/**
 * The server of the connection; where earlier connections decide, each that may be the next is a path of its own.
 * undefined: no server is available.
 */
export function chooseServer(run: Run, service: VirtualServer, flow: IpvsProtocolPorts): RealServer | undefined {
  const { at, persistence, scheduler } = service;
  // "Schedule: port zero only supported in persistent services"
  if (at.kind === 'address' && at.port !== flow.dport && persistence === undefined) return undefined;
  const byDrawnPort = run.drawnPorts.has(flow.sport) ? SCHEDULERS[scheduler].sharesByPort?.(service) : undefined;
  const shares = byDrawnPort ?? sharesOf(service, flow);
  const options = shares.map(({ server, probability }) => ({ label: printServer(server), probability }));
  if (options.length === 0) return undefined;
  const what = `IPVS ${scheduler} of ${printService(service)}`;
  return shares[run.decide({ what: byDrawnPort === undefined ? what : `${what} by a port drawn by NAT`, options })]
    ?.server;
}

function sharesOf(service: VirtualServer, flow: IpvsProtocolPorts): readonly Share[] {
  const { src, dst, sport } = flow;
  return SCHEDULERS[service.scheduler].shares(service, { source: src, destination: dst, sourcePort: sport });
}

/** The servers among which `chooseServer` chooses for the flow, in the same order. */
export function serverAlternatives(service: VirtualServer, flow: IpvsProtocolPorts): readonly Alternative[] {
  return sharesOf(service, flow).map(({ server, probability }, option) => {
    const { address, port, method, weight, upper, lower } = server;
    return {
      misses: 0,
      option,
      probability,
      destination: address,
      port: port === 0 ? flow.dport : port,
      // Only packets that are translated show in themselves where they went.
      form: `${method === 'masquerade' ? '' : printServer(server)} ${weight} ${upper} ${lower} :${port}`,
    };
  });
}

/** ip_vs_schedule(): a server of port 0 is reached at the port that was asked for. */
export function connectionOf(service: VirtualServer, server: RealServer, flow: IpvsProtocolPorts): IpvsConnection {
  return {
    protocol: flow.protocol,
    client: flow.src,
    clientPort: flow.sport,
    virtual: flow.dst,
    virtualPort: flow.dport,
    destination: server.address,
    destinationPort: server.port === 0 ? flow.dport : server.port,
    service,
    server,
  };
}

/** `TCP 10.96.0.1:443`, as ipvsadm heads a virtual server. */
export function printService({ at }: VirtualServer): string {
  if (at.kind === 'fwmark') return `FWM ${at.mark}${at.family === 6 ? ' IPv6' : ''}`;
  return `${at.protocol.toUpperCase()} ${printEndpoint(at.address, at.port)}`;
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function printServer({ address, port }: RealServer): string {
  return printEndpoint(address, port);
}

function printEndpoint(address: IpAddr, port: number): string {
  return typeof address === 'number' ? `${printIp(address)}:${port}` : `[${printIp(address)}]:${port}`;
}
