/** Chains and sets of many service ports, each port's written when a packet first enters one of them. */
import type { NftGroup } from '../../../kernel/nftables/table-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { pathInName, portPath } from './names.ts';
import type { PortObjects } from './service-chains.ts';

/** Names say whose they are: no hash is asked for. */
export function serviceGroup<E extends { readonly port: ProxyServicePort }>(
  entries: readonly E[],
  objectsOf: (entry: E) => PortObjects,
): NftGroup {
  const opened = new Map<E, PortObjects>();
  const open = (entry: E): PortObjects => {
    let objects = opened.get(entry);
    if (objects === undefined) {
      objects = objectsOf(entry);
      opened.set(entry, objects);
    }
    return objects;
  };
  const byPath = lazy(() => new Map(entries.map((entry) => [portPath(entry.port), entry])));
  const all = lazy(() => entries.map(open));
  const find = (name: string): readonly PortObjects[] => {
    const path = pathInName(name);
    if (path === undefined) return [];
    const entry = byPath().get(path);
    // A name that was cut off says too little.
    return entry !== undefined ? [open(entry)] : path.endsWith('...') ? all() : [];
  };
  return {
    chain: (name) =>
      find(name)
        .flatMap(({ chains }) => chains)
        .find((chain) => chain.name === name),
    set: (name) =>
      find(name)
        .flatMap(({ sets }) => sets)
        .find((set) => set.name === name),
    chains: lazy(() => all().flatMap(({ chains }) => chains)),
    sets: lazy(() => all().flatMap(({ sets }) => sets)),
  };
}
