/** rr and wrr: net/netfilter/ipvs/ip_vs_rr.c, ip_vs_wrr.c */
import { kernelOrder, type RealServer, type VirtualServer } from '../virtual-server.ts';
import { isOverloaded, type Scheduler } from './scheduler.ts';
import { equalShares, weightedShares } from './shares.ts';

/** ip_vs_rr_schedule(): the next of the list behind the one that was last. */
export const rr: Scheduler = {
  fixed: false,
  pick(service, state) {
    const list = kernelOrder(service);
    const start = state.last === undefined ? -1 : list.indexOf(state.last);
    for (let step = 1; step <= list.length; step++) {
      const server = list[(start + step) % list.length];
      if (server !== undefined && server.weight > 0 && !isOverloaded(server, state)) {
        state.last = server;
        return server;
      }
    }
    return undefined;
  },
  shares: equalShares,
  assumption: 'the turn may be at any of the servers',
};

/**
 * ip_vs_wrr_schedule(): round after round through the list, each round for servers whose weight is at least the level;
 * the level falls from the largest weight by the greatest common divisor of all.
 */
export const wrr: Scheduler = {
  fixed: false,
  pick(service, state) {
    const list = kernelOrder(service);
    const cycle = cycleOf(service.servers);
    if (cycle.highest <= 0) return undefined;
    if (state.level === 0) state.level = firstLevel(service.servers);
    // One turn of all levels meets every server that could be taken.
    for (let looks = (cycle.highest / cycle.step + 2) * (list.length + 1); looks > 0; looks--) {
      state.place++;
      const server = list[state.place];
      if (server === undefined) {
        state.place = -1;
        state.level -= cycle.step;
        if (state.level <= 0) state.level = cycle.highest;
      } else if (server.weight >= state.level && !isOverloaded(server, state)) return server;
    }
    return undefined;
  },
  shares: weightedShares,
  assumption: 'the turn may be at any place of the cycle',
};

type Cycle = { readonly step: number; readonly highest: number };

function cycleOf(servers: readonly RealServer[]): Cycle {
  const step = divisor(servers);
  return { step, highest: Math.max(0, ...servers.map(({ weight }) => weight)) - (step - 1) };
}

/** ip_vs_wrr_dest_changed(): what the additions of the servers, one after the other, made of the level. */
function firstLevel(servers: readonly RealServer[]): number {
  let level = 0;
  for (const index of servers.keys()) {
    const { step, highest } = cycleOf(servers.slice(0, index + 1));
    if (level > highest || level === 0) level = highest;
    else if (step > 1) level = Math.trunc(level / step) * step + 1;
  }
  return level;
}

/** ip_vs_wrr_gcd_weight() */
export function divisor(list: VirtualServer['servers']): number {
  let result = 0;
  for (const { weight } of list) {
    let [a, b] = [result, weight];
    while (b !== 0) [a, b] = [b, a % b];
    result = a;
  }
  return result === 0 ? 1 : result;
}
