/** rr and wrr: net/netfilter/ipvs/ip_vs_rr.c, ip_vs_wrr.c */
import { kernelOrder, type RealServer, type VirtualServer } from '../virtual-server.ts';
import { isOverloaded, type Scheduler, type ServiceState } from './scheduler.ts';
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
    const highest = Math.max(0, ...list.map(({ weight }) => weight));
    const step = divisor(list);
    if (highest === 0) return undefined;
    // One turn of all levels meets every server that could be taken.
    for (let looks = (highest / step + 1) * (list.length + 1); looks > 0; looks--) {
      const server = advance(list, state, highest, step);
      if (server !== undefined && server.weight >= state.level && !isOverloaded(server, state)) return server;
    }
    return undefined;
  },
  shares: weightedShares,
  assumption: 'the turn may be at any place of the cycle',
};

/** The next entry of the list; undefined at its head, where the level goes down. */
function advance(list: readonly RealServer[], state: ServiceState, highest: number, step: number) {
  state.place = state.place + 1 >= list.length ? -1 : state.place + 1;
  if (state.place === -1) {
    state.level -= step;
    if (state.level <= 0) state.level = highest;
    state.place = 0;
  } else if (state.level <= 0) state.level = highest;
  return list[state.place];
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
