/** fo, ovf and twos: net/netfilter/ipvs/ip_vs_fo.c, ip_vs_ovf.c, ip_vs_twos.c */
import type { RealServer, VirtualServer } from '../virtual-server.ts';
import { isOverloaded, type Scheduler, ServiceState } from './scheduler.ts';
import { available, certain, weightedShares } from './shares.ts';

/** The first server of the highest weight among those that `fits`. */
function heaviest(service: VirtualServer, fits: (server: RealServer) => boolean): RealServer | undefined {
  let best: RealServer | undefined;
  for (const server of available(service)) {
    if (fits(server) && (best === undefined || server.weight > best.weight)) best = server;
  }
  return best;
}

const pickFo: Scheduler['pick'] = (service, state) => heaviest(service, (server) => !isOverloaded(server, state));

/** ip_vs_fo_schedule(): everything to the heaviest server. */
export const fo: Scheduler = {
  fixed: true,
  pick: pickFo,
  shares: (service, flow) => certain(pickFo(service, new ServiceState(), flow)),
  assumption: undefined,
};

/** ip_vs_ovf_schedule(): the heaviest server that has fewer active connections than its weight. */
const pickOvf: Scheduler['pick'] = (service, state) =>
  heaviest(service, (server) => !isOverloaded(server, state) && state.load(server).active < server.weight);

export const ovf: Scheduler = {
  fixed: false,
  pick: pickOvf,
  shares: (service, flow) => certain(pickOvf(service, new ServiceState(), flow)),
  assumption: 'no server has overflowed yet',
};

/**
 * ip_vs_twos_schedule() throws dice twice, by weight, and takes the one of the two that has the smaller load for its
 * weight. Without dice `pick` takes what wlc would; with balanced servers the shares are those of one throw.
 */
export const twos: Scheduler = {
  fixed: false,
  pick: (service, state, flow) => pickFo(service, state, flow),
  shares: weightedShares,
  assumption: 'the servers have as many connections as their weights ask for',
};
