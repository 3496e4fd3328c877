/** How a look-up ends that finds no way. */
import type { DropReason } from '../drop-reason.ts';
import type { RouteError } from '../walk/step.ts';
import type { InputRoute } from './input.ts';
import type { OutputRoute } from './output.ts';
import type { Route } from './route.ts';

/** @param route the one that was found and does not do. */
export function inputFailure(reason: DropReason, error: RouteError, route?: Route): InputRoute {
  return { outcome: { kind: 'fail', reason, error, route }, rule: undefined };
}

/** @param route the one that was found and does not do. */
export function outputFailure(reason: DropReason, error: RouteError, route?: Route): OutputRoute {
  return { outcome: { kind: 'fail', reason, error, route }, source: undefined, rule: undefined };
}
