import { distance } from 'fastest-levenshtein';

/** The candidates most like `name`, best first: those within a third of its length (at least 2 edits), at most `most`. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): readonly string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const wanted = name.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
