/** Schedulers that look at the servers' connections: ip_vs_lc.c, ip_vs_wlc.c, ip_vs_sed.c, ip_vs_nq.c, ip_vs_lblc.c, ip_vs_lblcr.c */
import type { RealServer, VirtualServer } from '../virtual-server.ts';
import { isOverloaded, overhead, type Scheduler, type ServiceState } from './scheduler.ts';
import { available, equalShares, weightedShares } from './shares.ts';

type Weighing = (server: RealServer, state: ServiceState) => number;

const connections: Weighing = (server, state) => overhead(state.load(server));

/** ip_vs_sed_dest_overhead(): the connection that is to come counts already. */
const expected: Weighing = (server, state) => state.load(server).active + 1;

/** The first server with the smallest load for its weight: h1/w1 > h2/w2 is compared as h1*w2 > h2*w1. */
function least(service: VirtualServer, state: ServiceState, weigh: Weighing): RealServer | undefined {
  let best: RealServer | undefined;
  let load = 0;
  for (const server of available(service)) {
    if (isOverloaded(server, state)) continue;
    const own = weigh(server, state);
    if (best === undefined || load * server.weight > own * best.weight) [best, load] = [server, own];
  }
  return best;
}

const BALANCED = 'the servers have as many connections as the scheduler aims at, so any of them may be next';

/** ip_vs_lc_schedule(): the fewest connections, whatever the weights. */
export const lc: Scheduler = {
  fixed: false,
  pick(service, state) {
    let best: RealServer | undefined;
    for (const server of available(service)) {
      if (isOverloaded(server, state)) continue;
      if (best === undefined || connections(server, state) < connections(best, state)) best = server;
    }
    return best;
  },
  shares: equalShares,
  assumption: BALANCED,
};

/** ip_vs_wlc_schedule() */
export const wlc: Scheduler = {
  fixed: false,
  pick: (service, state) => least(service, state, connections),
  shares: weightedShares,
  assumption: BALANCED,
};

/** ip_vs_sed_schedule(): shortest expected delay. */
export const sed: Scheduler = {
  fixed: false,
  pick: (service, state) => least(service, state, expected),
  shares: weightedShares,
  assumption: BALANCED,
};

/** ip_vs_nq_schedule(): the first idle server, else as sed. */
export const nq: Scheduler = {
  fixed: false,
  pick(service, state) {
    const idle = available(service).find((server) => !isOverloaded(server, state) && state.load(server).active === 0);
    return idle ?? least(service, state, expected);
  },
  shares: weightedShares,
  assumption: BALANCED,
};

/** is_overloaded() of ip_vs_lblc.c: more connections than weight, while some server has fewer than half of its own. */
function overfull(server: RealServer, service: VirtualServer, state: ServiceState): boolean {
  if (state.load(server).active <= server.weight) return false;
  return service.servers.some((other) => state.load(other).active * 2 < other.weight);
}

/** ip_vs_lblc_schedule(): a destination stays with its server while that has room; else it goes where wlc says. */
export const lblc: Scheduler = {
  fixed: false,
  pick(service, state, { destination }) {
    const [known] = state.ofDestination.get(destination) ?? [];
    if (known !== undefined && known.weight > 0 && !overfull(known, service, state)) return known;
    const chosen = least(service, state, connections);
    if (chosen !== undefined) state.ofDestination.set(destination, new Set([chosen]));
    return chosen;
  },
  shares: weightedShares,
  assumption: 'the destination has no server yet, and the servers are balanced',
};

/** ip_vs_lblcr_schedule(): a destination has a set of servers, which grows while its least loaded member is full. */
export const lblcr: Scheduler = {
  fixed: false,
  pick(service, state, { destination }) {
    const set = state.ofDestination.get(destination) ?? new Set<RealServer>();
    const members = { ...service, servers: service.servers.filter((server) => set.has(server)) };
    const member = least(members, state, connections);
    if (member !== undefined && !overfull(member, service, state)) return member;
    const chosen = least(service, state, connections);
    if (chosen !== undefined) state.ofDestination.set(destination, set.add(chosen));
    return chosen;
  },
  shares: weightedShares,
  assumption: 'the destination has no servers yet, and the servers are balanced',
};
