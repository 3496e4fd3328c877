/** What a question's DESTINATION is: a machine, a Service, an address, or a name to ask DNS about. */
import { ok, type Result } from '../lib/result.ts';
import { parseEndpoint } from '../topology/endpoint-text.ts';
import { type DestinationEndpoint, resolveDestination } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import type { Query } from './query.ts';

/** A bare name that is a Service's somewhere else is a question to DNS; any other unknown name is a mistake. */
export function findDestination(query: Query, loaded: Loaded, namespace: string): Result<DestinationEndpoint> {
  const found = resolveDestination(query.destination, loaded, { namespace });
  if (found.ok || query.dns === false) return found;
  const parsed = parseEndpoint(query.destination);
  if (!parsed.ok || parsed.value.kind !== undefined || parsed.value.namespace !== undefined) return found;
  const { name, port } = parsed.value;
  if (!found.issues.some(({ code }) => code === 'unknown-destination')) return found;
  if (!loaded.cluster.services.some((service) => service.name === name)) return found;
  const number = typeof port === 'number' ? { port } : {};
  return ok({ kind: 'name', name, text: parsed.value, displayName: name, notes: [], ...number });
}
