/** The Pods that a question is asked for, one after the other. */
import { ok, type Result } from '../lib/result.ts';
import { resolveSources } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import type { Query } from './query.ts';

/** Every Pod of a workload, named so that each is found again; any other source stands for itself. */
export function sourcesOf(loaded: Loaded, query: Query): Result<readonly string[]> {
  const namespace = query.namespace ?? loaded.cluster.settings.defaultNamespace;
  const sources = resolveSources(query.source, loaded, { namespace, all: true });
  if (!sources.ok) return sources;
  return ok(sources.value.map(({ pod }) => (pod === undefined ? query.source : `${pod.namespace}/pod/${pod.name}`)));
}
