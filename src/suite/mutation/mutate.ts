/** Runs tests against mutants and says which of them no test notices, and which nobody could. */

import { policyWorld } from '../../policy/judge.ts';
import type { Policy } from '../../policy/rule-set.ts';
import { splitDocuments } from '../../topology/documents.ts';
import type { InputFile } from '../../topology/input-file.ts';
import { type Loaded, type LoadOptions, loadTopology } from '../../topology/load.ts';
import { type IdleReason, idleParts } from '../coverage/idle.ts';
import { runTest } from '../run-test.ts';
import type { Suite, TestCase } from '../suite.ts';
import { type MissedChange, missedChanges } from './missed-change.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

type Fate =
  | { readonly fate: 'noticed'; readonly by: string }
  /** No test asks about what it changes. */
  | { readonly fate: 'survived'; readonly missed: MissedChange }
  /** The policies allow just the same connections as without it: there is nothing to notice. */
  | { readonly fate: 'equivalent'; readonly because: IdleReason | undefined };

export type MutantFate = Mutant & Fate;

type PlannedTest = { readonly suite: Suite; readonly variant: string; readonly test: TestCase };

export type MutationInput = {
  readonly inputs: readonly InputFile[];
  readonly options: LoadOptions;
  /** Tests that pass without a mutation. */
  readonly tests: readonly PlannedTest[];
  /** So many mutants at most, spread over all. */
  readonly most: number;
};

/** One mutant after the other, so that whoever asks can show how far it is, or stop. */
export function* mutate({ inputs, options, tests, most }: MutationInput): Generator<MutantFate> {
  const { documents } = splitDocuments(inputs);
  // Numbers for names: they say of which document a policy was read.
  const texts = documents.map(({ value }, index): InputFile => ({ file: `${index}`, text: JSON.stringify(value) }));
  const own = loadTopology(texts, options);
  if (!own.ok) return;
  const missedBy = missedChanges(own.value);
  const whyIdle = idleReasons(own.value);
  for (const mutant of spread(mutantsOf(documents), most)) {
    const changed = texts.flatMap((text, index): readonly InputFile[] => {
      if (index !== mutant.document) return [text];
      return mutant.value === undefined ? [] : [{ file: text.file, text: JSON.stringify(mutant.value) }];
    });
    const loaded = loadTopology(changed, options);
    // What the loader refuses, no suite needs to notice.
    if (!loaded.ok) continue;
    const by = firstFailure(tests, loaded.value);
    yield { ...mutant, ...(by ?? unnoticed(missedBy(loaded.value), () => whyIdle(mutant))) };
  }
}

function unnoticed(missed: MissedChange | undefined, whyIdle: () => IdleReason | undefined): Fate {
  return missed === undefined ? { fate: 'equivalent', because: whyIdle() } : { fate: 'survived', missed };
}

/** Of the rule that a mutant is in, or of its policy. */
function idleReasons({ cluster }: Loaded): (mutant: Mutant) => IdleReason | undefined {
  const world = policyWorld(cluster);
  const idle = idleParts(world);
  const policies = world.tiers.flatMap((tier) => tier.policies);
  const byDocument = new Map(policies.map((policy): [string, Policy] => [policy.source?.document.file ?? '', policy]));
  return ({ document, path }) => {
    const policy = byDocument.get(`${document}`);
    if (policy === undefined) return undefined;
    const field = `${path[1]}[${path[2]}]`;
    const rule = [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])].find((each) => each.field === field);
    return idle.get(rule ?? policy);
  };
}

function firstFailure(tests: readonly PlannedTest[], loaded: Loaded): Fate | undefined {
  for (const { suite, variant, test } of tests) {
    const result = runTest(test, { suite, variant, loaded, inputWords: [] });
    if (result.status === 'failed') return { fate: 'noticed', by: result.name };
  }
  return undefined;
}

/** Every n-th, so that a limit leaves out some of each policy and not the last policies. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]).flatMap((one) =>
    one === undefined ? [] : [one],
  );
}
