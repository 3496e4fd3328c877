/** What rules look at: the loaded input, and what several rules need of it, made at its first use. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Service } from '../cluster/objects.ts';
import { isPlainObject, ownField } from '../cluster/plain-object.ts';
import type { PathSegment, Source } from '../cluster/source.ts';
import { type Lazy, lazy } from '../lib/lazy.ts';
import type { Issue } from '../lib/result.ts';
import type { InputFile } from '../topology/input-file.ts';
import type { Loaded } from '../topology/load.ts';
import { PolicyFacts } from './policy-facts.ts';
import { PortFacts } from './port-facts.ts';
import { type Redundancy, redundancyOf } from './redundancy.ts';
import { type Suppressions, suppressionsIn } from './suppressions.ts';

export type LintContext = {
  readonly loaded: Loaded;
  readonly cluster: Cluster;
  /** What the loader warns of with this code. */
  readonly warnings: (code: string) => readonly Issue[];
  readonly policies: Lazy<PolicyFacts>;
  readonly ports: Lazy<PortFacts>;
  readonly redundancy: Lazy<Redundancy>;
  readonly suppressions: Suppressions;
  /** `namespace/name` of Services whose endpoints the input gives: their Pods may be left out. */
  readonly endpointsGiven: Lazy<ReadonlySet<string>>;
};

export function lintContext(loaded: Loaded, inputs: readonly InputFile[]): LintContext {
  const { cluster } = loaded;
  const policies = lazy(() => new PolicyFacts(cluster));
  return {
    loaded,
    cluster,
    warnings: (code) => loaded.warnings.filter((warning) => warning.code === code),
    policies,
    ports: lazy(() => new PortFacts(cluster, policies())),
    redundancy: lazy(() => redundancyOf(cluster, policies())),
    suppressions: suppressionsIn(inputs),
    endpointsGiven: lazy(
      () => new Set(cluster.services.filter((service) => hasOwnSlices(cluster, service)).map(keyOf)),
    ),
  };
}

const keyOf = ({ namespace, name }: Service): string => `${namespace}/${name}`;

/** Slices that the loader makes carry the Service as their source. */
function hasOwnSlices(cluster: Cluster, service: Service): boolean {
  return cluster.slicesOf(service).some(({ source }) => source !== undefined && source !== service.source);
}

/** The value as it stands in the input, before any default. */
export function rawAt(source: Source | undefined, path: readonly PathSegment[]): unknown {
  let value: unknown = source?.document.value;
  for (const segment of [...(source?.path ?? []), ...path]) {
    if (Array.isArray(value) && typeof segment === 'number') value = value[segment];
    else value = isPlainObject(value) ? ownField(value, String(segment)) : undefined;
  }
  return value;
}
