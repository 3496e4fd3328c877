/** Runs tests against mutants and says which of them no test notices. */
import { splitDocuments } from '../../topology/documents.ts';
import type { InputFile } from '../../topology/input-file.ts';
import { type Loaded, type LoadOptions, loadTopology } from '../../topology/load.ts';
import { runTest } from '../run-test.ts';
import type { Suite, TestCase } from '../suite.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

export type MutantFate = Mutant & { readonly fate: 'noticed' | 'survived'; readonly by: string | undefined };

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
  const texts = documents.map(({ file, value }): InputFile => ({ file, text: JSON.stringify(value) }));
  for (const mutant of spread(mutantsOf(documents), most)) {
    const changed = texts.flatMap((text, index): readonly InputFile[] => {
      if (index !== mutant.document) return [text];
      return mutant.value === undefined ? [] : [{ file: text.file, text: JSON.stringify(mutant.value) }];
    });
    const loaded = loadTopology(changed, options);
    // What the loader refuses, no suite needs to notice.
    if (!loaded.ok) continue;
    const by = firstFailure(tests, loaded.value);
    yield { ...mutant, fate: by === undefined ? 'survived' : 'noticed', by };
  }
}

function firstFailure(tests: readonly PlannedTest[], loaded: Loaded): string | undefined {
  for (const { suite, variant, test } of tests) {
    const result = runTest(test, { suite, variant, loaded, inputWords: [] });
    if (result.status === 'failed') return result.name;
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
