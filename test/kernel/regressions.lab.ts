/** The scenarios of test/kernel/regressions against the kernel of this machine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printDifference, runScenario } from './lab/differ.ts';
import { readRegressions } from './lab/regressions.ts';
import { KernelRunner } from './lab/runner.ts';
import { kernelOrReason } from './lab/settings.ts';

const kernel = kernelOrReason();

describe.runIf(kernel !== undefined)('scenarios that once differed', () => {
  let runner: KernelRunner | undefined;
  beforeAll(() => {
    runner = new KernelRunner();
  });
  afterAll(() => runner?.close());

  test.each(readRegressions())('$file', async ({ scenario, observations }) => {
    if (runner === undefined) throw new Error('the runner has not started');
    const trace = observations.some(({ events }) => events !== undefined);
    const { differences } = await runScenario(runner, scenario, { trace });
    expect(differences.map((difference) => printDifference(scenario, difference))).toEqual([]);
  });
});
