/** What explanations need of a loaded topology. */
import { type ExplainContext, indexServices } from '../explain/context.ts';
import type { Loaded } from '../topology/load.ts';

const KEPT = new WeakMap<Loaded, ExplainContext>();

export function contextOf(loaded: Loaded): ExplainContext {
  const kept = KEPT.get(loaded);
  if (kept !== undefined) return kept;
  const { cluster, origins, world, calico } = loaded;
  const context: ExplainContext = {
    cluster,
    origins,
    world,
    place: (netns) => world.place(netns),
    serviceAt: indexServices(cluster.services),
    ownerKind: (netns) => world.machine(netns)?.kind ?? 'host',
    addressOf: (netns) => world.machine(netns)?.addresses[0],
    routeNotLearned: (netns, ip) => {
      const machine = world.machine(netns);
      if (calico === undefined || machine === undefined) return false;
      if (machine.kind === 'node') return calico.missingBlockReason(machine.name, ip) !== undefined;
      return machine.kind === 'gateway' && cluster.podByIp(ip)?.hostNetwork === false;
    },
  };
  KEPT.set(loaded, context);
  return context;
}
