import { distance } from 'fastest-levenshtein';

/** Shorter ones are the beginning of strangers, too. */
const SHORTEST_PREFIX = 3;

/**
 * The candidates most like `name`, best first, at most `most`: those within a third of its length in edits (at least
 * one), then those that it is the beginning of.
 */
export function nearest(name: string, candidates: Iterable<string>, most = 3): readonly string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const wanted = name.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => {
      const other = candidate.toLowerCase();
      const edits = editsBetween(wanted, other);
      return {
        candidate,
        edits,
        isNear: edits <= limit,
        begins: wanted.length >= SHORTEST_PREFIX && other.startsWith(wanted),
      };
    })
    .filter(({ isNear, begins }) => isNear || begins)
    .sort((a, b) => Number(b.isNear) - Number(a.isNear) || a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Two letters in each other's place are one slip of the fingers. */
function editsBetween(a: string, b: string): number {
  const edits = distance(a, b);
  if (edits !== 2 || a.length !== b.length) return edits;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  return a[at] === b[at + 1] && a[at + 1] === b[at] ? 1 : edits;
}
