/** How much of a walk is recorded: as much as the question's answer tells. */
import type { Origin } from '../compile/origin.ts';
import type { ExplainContext } from '../explain/context.ts';
import type { ExploreOptions } from '../kernel/walk/explore.ts';
import type { Query } from './query.ts';

type WalkOptions = Pick<ExploreOptions, 'verbosity' | 'tells'>;

/** Without steps nobody reads what rules did on the way, but which of them saw the client's address. */
export function walkOptions(
  { verbosity = 0, steps }: Pick<Query, 'verbosity' | 'steps'>,
  context: ExplainContext,
): WalkOptions {
  if (steps !== false) return { verbosity };
  return { verbosity, tells: (id) => id !== undefined && isIngressPolicy(context.origins.get(id)) };
}

/** Whether it is a rule of a policy for what comes in. */
export function isIngressPolicy(origin: Origin | undefined): boolean {
  return origin?.direction === 'ingress' && origin.role.startsWith('policy-');
}
