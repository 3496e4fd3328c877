/** Paths of equal fate, to be shown once. */

import { add, type Fraction, toNumber, ZERO } from '../lib/fraction.ts';
import type { PathView } from '../query/trace.ts';

export type PathGroup = { readonly shown: PathView; readonly paths: readonly PathView[]; readonly share: Fraction };

/** Groups in the order of their first path; the likeliest path of a group is shown, the first among equals. */
export function groupPaths(paths: readonly PathView[]): readonly PathGroup[] {
  const groups = new Map<string, PathView[]>();
  for (const path of paths) {
    const key = fateOf(path);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [path]);
    else group.push(path);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const shown = group.reduce(
      (best, path) => (toNumber(path.probability) > toNumber(best.probability) ? path : best),
      first,
    );
    return [{ shown, paths: group, share: group.reduce((sum, path) => add(sum, path.probability), ZERO) }];
  });
}

/** What the client sees, why, and what was taken for granted. Machines and rules may differ. */
function fateOf({ verdict, code, symptom, reply, outcome, presumed }: PathView): string {
  return JSON.stringify([verdict, code, symptom, reply?.verdict, reply?.code, outcome.verdict, outcome.code, presumed]);
}
