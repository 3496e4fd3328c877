/** sh and dh: net/netfilter/ipvs/ip_vs_sh.c, ip_vs_dh.c. 256 buckets, filled from the list over and over. */
import { type IpAddr, isIp4 } from '../../../net/address.ts';
import { kernelOrder, type RealServer, type VirtualServer } from '../virtual-server.ts';
import { type Flow, isOverloaded, type Scheduler, ServiceState } from './scheduler.ts';
import { certain } from './shares.ts';

const BUCKETS = 256;
/** GOLDEN_RATIO_32 of include/linux/hash.h. */
const GOLDEN = 0x61c88647;

/** The address in host order; the four words of an IPv6 address are added without carry. */
export function fold(address: IpAddr): number {
  if (isIp4(address)) return address;
  const word = (shift: bigint) => Number((address >> shift) & 0xffffffffn);
  return (word(0n) ^ word(32n) ^ word(64n) ^ word(96n)) >>> 0;
}

/** ip_vs_sh_hashkey(), ip_vs_dh_hashkey(): hash_32() of address and port (since Linux 4.19). */
function bucketOf(address: IpAddr, port: number, offset = 0): number {
  return (offset + (Math.imul(fold(address) + port, GOLDEN) >>> 24)) % BUCKETS;
}

/** ip_vs_sh_reassign(): a server takes as many buckets in a row as its weight is (one, if it is 0); dh gives each one. */
function buckets(list: readonly RealServer[], weighted: boolean): readonly RealServer[] {
  const table: RealServer[] = [];
  for (let place = 0; list.length > 0 && table.length < BUCKETS; place = (place + 1) % list.length) {
    const server = list[place];
    if (server === undefined) break;
    const count = weighted ? Math.max(1, server.weight) : 1;
    for (let i = 0; i < count && table.length < BUCKETS; i++) table.push(server);
  }
  return table;
}

/** is_unavailable() of the hashes: weight 0 and an upper threshold that was reached take no connection. */
export function usable(server: RealServer | undefined, state: ServiceState): server is RealServer {
  return server !== undefined && server.weight > 0 && !isOverloaded(server, state);
}

function pickSh(service: VirtualServer, state: ServiceState, { source, sourcePort }: Flow): RealServer | undefined {
  const table = buckets(kernelOrder(service), true);
  const port = service.flags.includes(2) ? sourcePort : 0;
  const first = bucketOf(source, port);
  const server = table[first];
  if (usable(server, state)) return server;
  if (!service.flags.includes(1)) return undefined;
  // ip_vs_sh_get_fallback(): from the bucket on, with the bucket's number as offset of the hash.
  for (let offset = 0; offset < BUCKETS; offset++) {
    const other = table[bucketOf(source, port, (offset + first) % BUCKETS)];
    if (other === undefined) return undefined;
    if (usable(other, state)) return other;
  }
  return undefined;
}

/** By the source; with flags by its port, and on to another server where this one takes nothing. */
export const sh: Scheduler = {
  fixed: true,
  pick: pickSh,
  shares: (service, flow) => certain(pickSh(service, new ServiceState(), flow)),
  assumption: undefined,
};

function pickDh(service: VirtualServer, state: ServiceState, { destination }: Flow): RealServer | undefined {
  const server = buckets(kernelOrder(service), false)[bucketOf(destination, 0)];
  return usable(server, state) ? server : undefined;
}

/** By the destination. */
export const dh: Scheduler = {
  fixed: true,
  pick: pickDh,
  shares: (service, flow) => certain(pickDh(service, new ServiceState(), flow)),
  assumption: undefined,
};
