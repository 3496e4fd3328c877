/** What xt_ipvs sees of a packet: its connection, looked up by client and real server (net/netfilter/xt_ipvs.c ipvs_mt()). */
import type { Packet } from '../../net/packet.ts';
import { protocolNumber } from '../../net/packet.ts';
import type { IpvsView } from '../netfilter/match.ts';
import { type IpvsConnections, inverse } from './connection.ts';
import { flowOf } from './rewrite.ts';
import type { ForwardingMethod } from './virtual-server.ts';

const METHODS: Readonly<Record<ForwardingMethod, IpvsView['method']>> = {
  gatewaying: 'GATE',
  tunneling: 'IPIP',
  masquerade: 'MASQ',
};

/** Looked up the other way round, as ipvs_mt() does; `connection` is undefined for a packet of none. */
export function viewOfConnection(
  connections: IpvsConnections,
  packet: Packet,
): { readonly connection: IpvsView | undefined } {
  const flow = flowOf(packet);
  const found = flow === undefined ? undefined : connections.out(inverse(flow));
  if (found === undefined) return { connection: undefined };
  const { virtual, virtualPort, server, service } = found;
  return {
    connection: {
      protocol: protocolNumber(packet),
      address: virtual,
      port: virtualPort,
      method: METHODS[server.method],
      controlPort: service.persistence === undefined ? undefined : virtualPort,
    },
  };
}
