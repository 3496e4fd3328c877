/** The chains of many service ports, each port's written when a packet first enters one of them. */
import type { ChainGroup, ChainSpec } from '../../../kernel/netns-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { chainName } from './chain-name.ts';
import { isServiceChainName } from './chain-names.ts';

/** `chainsOf` gives the chains of one port: those that its addresses lead to, and those of its endpoints behind them. */
export function serviceChainGroup<E extends { readonly port: ProxyServicePort }>(
  entries: readonly E[],
  chainsOf: (entry: E) => readonly ChainSpec[],
): ChainGroup {
  const opened = new Map<E, readonly ChainSpec[]>();
  const byName = new Map<string, ChainSpec>();
  const open = (entry: E): readonly ChainSpec[] => {
    const known = opened.get(entry);
    if (known !== undefined) return known;
    const chains = chainsOf(entry);
    opened.set(entry, chains);
    for (const spec of chains) byName.set(spec.chain, spec);
    return chains;
  };
  const entrances = lazy(
    () =>
      new Map(
        entries.flatMap((entry) =>
          entranceKinds(entry.port).map((kind) => [chainName(kind, entry.port), entry] as const),
        ),
      ),
  );
  const all = lazy(() => entries.flatMap(open));
  return {
    table: 'nat',
    owns: isServiceChainName,
    find(name) {
      const known = byName.get(name);
      if (known !== undefined) return known;
      const entry = entrances().get(name);
      // A packet comes to an endpoint's chain by way of its Service's, which is open by then. Who asks out of turn pays for all.
      if (entry === undefined) all();
      else open(entry);
      return byName.get(name);
    },
    all,
  };
}

/** KUBE-SVL and KUBE-FW are of ports in which nodes differ, or found behind these. */
function entranceKinds(port: ProxyServicePort): readonly ('SVC' | 'EXT')[] {
  return port.external ? ['SVC', 'EXT'] : ['SVC'];
}
