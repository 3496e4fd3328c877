/** Scenarios that once differed, against what a real kernel did with them. No kernel is needed. */
import { describe, expect, it } from 'vitest';
import { compareProbe, printKernel } from './lab/compare.ts';
import { buildScenario, predict } from './lab/differ.ts';
import { readRegressions } from './lab/regressions.ts';

describe('recorded answers of a kernel', () => {
  it.each(readRegressions())('$file', ({ scenario, observations }) => {
    const { world, machines } = buildScenario(scenario);
    expect(observations).toHaveLength(scenario.probes.length);
    for (const [index, probe] of scenario.probes.entries()) {
      const observed = observations[index];
      const difference =
        observed === undefined ? undefined : compareProbe(probe, predict(world, probe), observed, machines);
      expect(difference, observed === undefined ? '' : printKernel(observed)).toBeUndefined();
    }
  });
});
