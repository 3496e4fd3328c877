/** Every way a conversation can go: one run for each sequence of choices, with exact probabilities. */
import { type Fraction, multiply, ONE } from '../../lib/fraction.ts';
import type { World } from '../world.ts';
import { type Alike, exploreAlike } from './explore-alike.ts';
import { roundTrip } from './round-trip.ts';
import { type Decider, type Decision, Run, type Tells } from './run.ts';
import type { Path, Probe } from './step.ts';

export type ExploreOptions = {
  readonly verbosity?: 0 | 1 | 2;
  /** How many paths at the most; the caller is told when there are more. */
  readonly limit?: number;
  /** Which rules are recorded: see RunOptions. */
  readonly tells?: Tells | undefined;
  /** Destinations that share one fate are walked once, and the others told as twins of that path. */
  readonly alike?: Alike | undefined;
};

type Exploration = {
  readonly paths: readonly Path[] /** Paths that were left out because of the limit. */;
  readonly truncated: boolean;
};

/**
 * A run is repeated with a script of its first choices; at the first choice beyond the script it takes the first option
 * and notes the others for later. So machines need no undo, and every path is a run that can be had again.
 */
export function explore(world: World, probe: Probe, options: ExploreOptions = {}): Exploration {
  const limit = options.limit ?? 10_000;
  let { alike } = options;
  const isWhole = options.tells === undefined;
  const walk = (script: readonly number[]): Path =>
    followScript(world, probe, script, { ...options, tells: undefined }).path;
  const paths: Path[] = [];
  let count = 0;
  const pending: (readonly number[])[] = [[]];
  for (let script = pending.pop(); script !== undefined; script = pending.pop()) {
    if (paths.length >= limit) return { paths, truncated: true };
    const { path, taken, alternatives } = followScript(world, probe, script, options);
    const whole =
      alike === undefined || taken.length <= script.length
        ? undefined
        : exploreAlike(world, path, taken, alike, { walk, isWhole, most: limit - paths.length });
    if (whole !== undefined) {
      const base = count;
      paths.push(...whole.paths.map((one) => placed(one, base)));
      count += whole.count;
      // Those of its last choice are explored.
      for (const alternative of alternatives) if (alternative.length < taken.length) pending.push(alternative);
      continue;
    }
    // What is not understood here is not behind the next option either.
    if (taken.length > script.length) alike = undefined;
    paths.push(options.alike === undefined ? path : { ...path, place: count });
    count++;
    // Later choices first, so that paths come out in the order of the choices.
    for (const alternative of alternatives) pending.push(alternative);
  }
  return { paths, truncated: false };
}

function placed(path: Path, base: number): Path {
  const { place = 0, twins } = path;
  const moved = twins?.map((twin) => ({ ...twin, place: base + twin.place }));
  return { ...path, place: base + place, ...(moved === undefined ? {} : { twins: moved }) };
}

type Followed = {
  readonly path: Path;
  /** Options taken, in order. */
  readonly taken: readonly number[];
  /** Scripts of the options that were not taken behind the script's end. */
  readonly alternatives: readonly (readonly number[])[];
};

function followScript(world: World, probe: Probe, script: readonly number[], options: ExploreOptions): Followed {
  const taken: number[] = [];
  const alternatives: (readonly number[])[] = [];
  const decide: Decider = (decision) => {
    const scripted = script[taken.length];
    const choice = scripted ?? 0;
    if (scripted === undefined) {
      for (let other = decision.options.length - 1; other > 0; other--) alternatives.push([...taken, other]);
    }
    taken.push(choice);
    return choice;
  };
  return { path: follow(world, probe, decide, options), taken, alternatives };
}

/** One path: where chance decides, `decide` does. */
export function follow(
  world: World,
  probe: Probe,
  decide: (decision: Decision) => number,
  { verbosity = 0, tells }: Pick<ExploreOptions, 'verbosity' | 'tells'> = {},
): Path {
  const run = new Run({ world, decide, verbosity, tells });
  const conversation = roundTrip(run, probe);
  return {
    probability: run.choices.reduce<Fraction>(
      (product, c) => (c.probability === undefined ? product : multiply(product, c.probability)),
      ONE,
    ),
    choices: run.choices,
    presumed: run.choices.filter((c) => c.probability === undefined).map((c) => `${c.what}: ${c.taken}`),
    ...conversation,
    stats: { rulesExamined: run.rulesExamined, chainsEntered: run.chainsEntered },
  };
}
