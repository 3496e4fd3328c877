/** Which branches of a conversation are looked at: all, those of one backend, or one chosen by a seed. */

import type { Note } from '../compile/parts.ts';
import type { ExplainContext } from '../explain/context.ts';
import { shareOf } from '../explain/verdict.ts';
import { explore, follow } from '../kernel/walk/explore.ts';
import type { Alike } from '../kernel/walk/explore-alike.ts';
import type { Path, Probe } from '../kernel/walk/step.ts';
import type { World } from '../kernel/world.ts';
import { type Fraction, fraction, ONE } from '../lib/fraction.ts';
import { nearest } from '../lib/nearest.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import { printShare } from './answer-probe.ts';
import { backendOf, viewBackend } from './path-view.ts';
import type { Query } from './query.ts';
import { seededChooser } from './seeded.ts';
import type { BackendView } from './trace.ts';
import { walkOptions } from './walk-options.ts';

export type Branches = { readonly paths: readonly Path[]; readonly notes: readonly Note[] };

/**
 * The paths that the question is about. Their probabilities add up to 1, with those of the twins.
 * @param alike what is known of backends that need not all be walked
 */
export function takeBranches(
  world: World,
  probe: Probe,
  query: Query,
  context: ExplainContext,
  alike?: Alike,
): Result<Branches> {
  const options = walkOptions(query, context);
  if (query.seed !== undefined) {
    const path = follow(world, probe, seededChooser(query.seed), options);
    const note = {
      code: 'SEED',
      message: `one branch, chosen by seed ${query.seed}: it has the probability ${printShare(path.probability)}`,
    };
    return ok({ paths: [{ ...path, probability: ONE }], notes: [note] });
  }
  const { backend } = query;
  const known = alike === undefined || backend === undefined ? alike : apartFrom(alike, backend, context);
  const { paths, truncated } = explore(world, probe, { ...options, alike: known });
  const notes = truncated
    ? [{ code: 'PATHS_TRUNCATED', message: `only the first ${paths.length} paths were walked: there are more` }]
    : [];
  return backend === undefined ? ok({ paths, notes }) : keepBackend(paths, notes, backend, context);
}

/** The wanted backend is walked itself. */
function apartFrom(alike: Alike, wanted: string, context: ExplainContext): Alike {
  return {
    least: alike.least,
    kindOf: (alternative, fan) =>
      namesOf(viewBackend(alternative, context)).includes(wanted) ? undefined : alike.kindOf(alternative, fan),
    statsOf: (...walk) => alike.statsOf(...walk),
  };
}

function namesOf({ pod, ip, port }: BackendView): readonly string[] {
  return [
    ip,
    ...(port === null ? [] : [`${ip}:${port}`]),
    ...(pod === null ? [] : [pod, `pod/${pod}`, pod.split('/')[1] ?? pod]),
  ];
}

/** Only the paths to one backend, their probabilities scaled up to 1 again. */
function keepBackend(
  paths: readonly Path[],
  notes: readonly Note[],
  wanted: string,
  context: ExplainContext,
): Result<Branches> {
  const kept = paths.filter((path) => {
    const backend = backendOf(path, context);
    return backend !== null && namesOf(backend).includes(wanted);
  });
  const share = shareOf(kept);
  if (kept.length === 0 || share.numerator === 0n) {
    const all = paths.flatMap((path) => [
      backendOf(path, context),
      ...(path.twins ?? []).map((twin) => viewBackend(twin, context)),
    ]);
    const known = [...new Set(all.flatMap((one) => (one === null ? [] : [one.pod ?? one.ip])))].sort();
    const near = nearest(wanted, known);
    const hint =
      known.length === 0
        ? 'no path of this question has a backend'
        : near.length > 0
          ? `did you mean ${near.join(', ')}?`
          : `backends: ${known.join(', ')}`;
    return fail(issue('unknown-backend', `no path goes to backend ${wanted}`, { hint }));
  }
  const note = {
    code: 'BACKEND_CHOSEN',
    message: `only backend ${wanted}, which gets ${printShare(share)} of the connections`,
  };
  return ok({
    paths: kept.map((path) => ({ ...path, probability: divide(path.probability, share) })),
    notes: [...notes, note],
  });
}

function divide(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator, a.denominator * b.numerator);
}
