import type { Note } from '../cluster/note.ts';
import type { DestinationEndpoint, SourceEndpoint } from '../topology/endpoints.ts';
import type { PathView } from './trace.ts';

/** Only what an answer rests on: notes about nothing in particular, and about what the paths touch. */
export function notesTouched(
  all: readonly Note[],
  paths: readonly PathView[],
  source: SourceEndpoint,
  destination: DestinationEndpoint,
): readonly Note[] {
  const touched = new Set<string>();
  for (const path of paths) {
    if (path.backend?.pod != null) touched.add(`Pod ${path.backend.pod}`);
    if (path.like?.node != null) touched.add(`Node ${path.like.node}`).add(`Host ${path.like.node}`);
    for (const hop of [...path.hops, ...(path.reply?.hops ?? [])]) {
      touched.add(`Node ${hop.node}`).add(`Host ${hop.node}`);
      if (hop.inside !== null) touched.add(`Pod ${hop.inside}`).add(`Container ${hop.inside}`);
    }
  }
  const service = destination.kind === 'service' || destination.kind === 'name' ? destination.service : undefined;
  if (service !== undefined) touched.add(`Service ${service.namespace}/${service.name}`);
  const notes = all.filter(({ about }) => about === undefined || touched.has(about));
  return [...notes, ...source.notes, ...destination.notes];
}
