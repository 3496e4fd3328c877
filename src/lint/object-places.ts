/** Which object of the input stands at a position: the loader's own warnings know only where they are. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Labels } from '../cluster/objects.ts';
import { isPlainObject } from '../cluster/plain-object.ts';
import { positionOf, type Source } from '../cluster/source.ts';
import { groupBy } from '../lib/group-by.ts';
import { lazy } from '../lib/lazy.ts';
import type { Position } from '../lib/result.ts';
import { rawAt } from './context.ts';
import type { LintedObject } from './rule.ts';

type Start = { readonly object: LintedObject; readonly at: Position };

export class ObjectPlaces {
  readonly #byFile: () => ReadonlyMap<string, readonly Start[]>;
  /** Positions may be dear: those of a file are looked up when somebody asks about it. */
  readonly #starts = new Map<string, readonly Start[]>();

  constructor(cluster: Cluster) {
    const objects = lazy(() => groupBy(objectsOf(cluster), ({ source }) => source?.document.file ?? ''));
    this.#byFile = () => {
      for (const [file, own] of objects()) {
        if (!this.#starts.has(file))
          this.#starts.set(
            file,
            own.flatMap(startOf).sort((a, b) => compare(a.at, b.at)),
          );
      }
      return this.#starts;
    };
  }

  /** The last object that begins at the place or before it. */
  at(place: Position): LintedObject | undefined {
    let last: Start | undefined;
    const starts = this.#byFile().get(place.file) ?? [];
    let low = 0;
    let high = starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const start = starts[middle];
      if (start !== undefined && compare(start.at, place) <= 0) {
        last = start;
        low = middle + 1;
      } else high = middle - 1;
    }
    return last?.object;
  }
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

function startOf(object: LintedObject): readonly Start[] {
  return object.source === undefined ? [] : [{ object, at: positionOf(object.source) }];
}

/** Everything that comes from a document; Pods that a workload's template made stand for the workload. */
function objectsOf(cluster: Cluster): readonly LintedObject[] {
  const { settings } = cluster;
  const slices = cluster.services.flatMap((service) =>
    cluster.slicesOf(service).filter(({ source }) => source !== service.source),
  );
  const lists: readonly (readonly LintedObject[])[] = [
    [{ kind: 'Cluster', name: settings.name, source: settings.source }],
    [...cluster.namespaces.values()],
    ...[cluster.nodes, cluster.services, slices, cluster.policies, cluster.adminPolicies, cluster.calicoPolicies],
    ...[cluster.stagedPolicies, cluster.tiers, cluster.networkSets, cluster.hostEndpoints, cluster.profiles],
    ...[cluster.serviceAccounts, cluster.ingresses, cluster.ingressClasses, cluster.gatewayClasses, cluster.gateways],
    ...[cluster.httpRoutes, cluster.referenceGrants, cluster.ipPools, cluster.bgpPeers],
    cluster.pods.map((pod) =>
      pod.owner === undefined ? pod : { ...pod.owner, namespace: pod.namespace, source: pod.source },
    ),
  ];
  return lists.flatMap((list) => list.map(withWrittenKind));
}

/** Calico's NetworkPolicy has another name inside than in the input. */
function withWrittenKind(object: LintedObject): LintedObject {
  const { namespace, name, source } = object;
  const written = rawAt(source, ['kind']);
  return { kind: typeof written === 'string' ? written : object.kind, namespace, name, source };
}

export function annotationsOf(source: Source | undefined): Labels {
  const annotations = rawAt(source, ['metadata', 'annotations']);
  if (!isPlainObject(annotations)) return {};
  return Object.fromEntries(
    Object.keys(annotations).flatMap((key) => {
      const value = annotations[key];
      return typeof value === 'string' ? [[key, value] as const] : [];
    }),
  );
}

/** Objects of the input that carry the annotation, each once. */
export function objectsWith(
  cluster: Cluster,
  annotation: string,
): readonly { readonly object: LintedObject; readonly value: string }[] {
  const seen = new Set<string>();
  return objectsOf(cluster).flatMap((object) => {
    const { source } = object;
    const annotations = annotationsOf(source);
    if (source === undefined || !Object.hasOwn(annotations, annotation)) return [];
    const { file, line, column } = positionOf(source);
    const key = `${file}:${line}:${column}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ object, value: annotations[annotation] ?? '' }];
  });
}
