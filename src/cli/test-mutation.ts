/** `nettrace test --mutate`: mistakes that no test notices. */

import type { MutantFate } from '../suite/mutation/mutate.ts';
import type { SuiteRun } from '../suite/result.ts';
import type { Arguments } from './command.ts';
import { readInputs } from './input-files.ts';
import type { Io } from './io.ts';
import { inputOptionsOf, reportOptionsOf } from './options.ts';
import { inputsOf, type Planned } from './suite-files.ts';

const MUTANTS = 200;

/** False where somebody stopped it. Tests that pass, against the topology that each of them is for. */
export async function reportMutation(
  planned: readonly Planned[],
  run: SuiteRun,
  limit: string,
  args: Arguments,
  io: Io,
): Promise<boolean> {
  const { mutate } = await import('../suite/mutation/mutate.ts');
  const { printMutation } = await import('../report/test/mutation.ts');
  const input = inputOptionsOf(args);
  const worlds = new Map<string, { readonly files: readonly string[]; readonly tests: Planned[] }>();
  for (const [index, one] of planned.entries()) {
    if (run.results[index]?.status !== 'passed' || one.test.expectFailure !== undefined) continue;
    const files = inputsOf(one.suite, one.variant, one.test, input.file);
    const key = JSON.stringify(files);
    const world = worlds.get(key) ?? { files, tests: [] };
    world.tests.push(one);
    worlds.set(key, world);
  }
  const fates: MutantFate[] = [];
  const most = Math.max(1, Math.floor((limit === '' ? MUTANTS : Number(limit)) / Math.max(1, worlds.size)));
  let stopped = false;
  for (const { files, tests } of worlds.values()) {
    if (stopped) break;
    const inputs = readInputs({ ...input, file: files }, io);
    const named = tests.map(({ suite, variant, test }) => ({ suite, variant: variant.name, test }));
    for (const fate of mutate({ inputs, options: { lenient: input.lenient }, tests: named, most })) {
      fates.push(fate);
      io.progress?.(`${fates.length} mutants`);
      stopped = (await io.interrupted?.()) === true;
      if (stopped) break;
    }
  }
  io.progress?.('');
  io.stdout(printMutation(fates, stopped, reportOptionsOf(args, io)));
  return !stopped;
}
