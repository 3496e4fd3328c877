/** Shares of connections over a long time. */
import { fraction, ONE } from '../../../lib/fraction.ts';
import { kernelOrder, type RealServer, type VirtualServer } from '../virtual-server.ts';
import type { Share } from './scheduler.ts';

/** The servers that take connections, in the order in which the kernel goes through them. */
export function available(service: VirtualServer): readonly RealServer[] {
  return kernelOrder(service).filter(({ weight }) => weight > 0);
}

/** Every server that takes connections, as likely as the others. Listed in the order in which they were added. */
export function equalShares(service: VirtualServer): readonly Share[] {
  const servers = service.servers.filter(({ weight }) => weight > 0);
  return servers.map((server) => ({ server, probability: fraction(1, servers.length) }));
}

/** Every server by its weight. */
export function weightedShares(service: VirtualServer): readonly Share[] {
  const servers = service.servers.filter(({ weight }) => weight > 0);
  const sum = servers.reduce((total, { weight }) => total + weight, 0);
  return servers.map((server) => ({ server, probability: fraction(server.weight, sum) }));
}

/** No chance is left. */
export function certain(server: RealServer | undefined): readonly Share[] {
  return server === undefined ? [] : [{ server, probability: ONE }];
}
