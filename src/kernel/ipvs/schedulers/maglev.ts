/** mh, Maglev hashing: net/netfilter/ipvs/ip_vs_mh.c with the table size of the default configuration. */
import { fraction } from '../../../lib/fraction.ts';
import type { IpAddr } from '../../../net/address.ts';
import { kernelOrder, type RealServer, type VirtualServer } from '../virtual-server.ts';
import { fold, usable } from './hash.ts';
import { divisor } from './round-robin.ts';
import { type Flow, type Scheduler, ServiceState } from './scheduler.ts';
import { certain } from './shares.ts';
import { siphash13 } from './siphash.ts';

/** CONFIG_IP_VS_MH_TAB_INDEX 12: the fifth of the primes, and 6 bits for weights. */
const TABLE_SIZE = 4093;
const TABLE_BITS = 6;
/** generate_hash_secret(): they are no secrets. */
const KEY1 = 2654435761n;
const KEY2 = 2654446892n;

function hash(address: IpAddr, port: number, key: bigint, offset = 0): number {
  return siphash13((offset + port + fold(address)) >>> 0, key);
}

type Setup = { readonly server: RealServer; readonly skip: number; readonly turns: number; next: number };

/** ip_vs_mh_permutate(): where each server begins, how far it leaps, and how many entries it takes in a row. */
function setups(list: readonly RealServer[]): readonly Setup[] {
  const step = divisor(list);
  const highest = Math.max(0, ...list.map(({ weight }) => weight));
  // ip_vs_mh_shift_weight(): fls() is the number of bits that the largest weight needs.
  const shift = Math.max(0, 32 - Math.clz32(Math.trunc(highest / step)) - TABLE_BITS);
  return list.map((server) => ({
    server,
    skip: (hash(server.address, server.port, KEY2) % (TABLE_SIZE - 1)) + 1,
    turns: Math.trunc(server.weight / step) >> shift || (server.weight === 0 ? 0 : 1),
    next: hash(server.address, server.port, KEY1) % TABLE_SIZE,
  }));
}

/** ip_vs_mh_populate(): in turn, each server takes the first free entry of its own sequence. */
function populate(list: readonly RealServer[]): readonly (RealServer | undefined)[] {
  const table: (RealServer | undefined)[] = new Array<RealServer | undefined>(TABLE_SIZE).fill(undefined);
  const all = setups(list).filter(({ turns }) => turns > 0);
  let taken = 0;
  while (all.length > 0) {
    for (const setup of all) {
      for (let turn = 0; turn < setup.turns; turn++) {
        while (table[setup.next] !== undefined) setup.next = (setup.next + setup.skip) % TABLE_SIZE;
        table[setup.next] = setup.server;
        if (++taken === TABLE_SIZE) return table;
      }
    }
  }
  return table;
}

const tables = new WeakMap<VirtualServer, readonly (RealServer | undefined)[]>();

function tableOf(service: VirtualServer): readonly (RealServer | undefined)[] {
  let table = tables.get(service);
  if (table === undefined) {
    table = populate(kernelOrder(service));
    tables.set(service, table);
  }
  return table;
}

function pick(service: VirtualServer, state: ServiceState, { source, sourcePort }: Flow): RealServer | undefined {
  const table = tableOf(service);
  const port = service.flags.includes(2) ? sourcePort : 0;
  const first = hash(source, port, KEY1) % TABLE_SIZE;
  const server = table[first];
  if (usable(server, state)) return server;
  if (server === undefined || !service.flags.includes(1)) return undefined;
  for (let offset = 0; offset < TABLE_SIZE; offset++) {
    const other = table[hash(source, port, KEY1, (offset + first) % TABLE_SIZE) % TABLE_SIZE];
    if (other === undefined) return undefined;
    if (usable(other, state)) return other;
  }
  return undefined;
}

export const mh: Scheduler = {
  fixed: true,
  pick,
  shares: (service, flow) => certain(pick(service, new ServiceState(), flow)),
  // ip_vs_mh_schedule(): with IP_VS_SVC_F_SCHED_MH_PORT the hash of a port nobody knows meets any entry of the table.
  sharesByPort: (service) => {
    if (!service.flags.includes(2)) return undefined;
    const table = tableOf(service);
    return service.servers.flatMap((server) => {
      const entries = table.filter((other) => other === server).length;
      return entries === 0 ? [] : [{ server, probability: fraction(entries, TABLE_SIZE) }];
    });
  },
  assumption: undefined,
};
