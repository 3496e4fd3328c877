/**
 * What guest kernels with IPIP did, replayed without a kernel: one row for each recorded topology. `npm run
 * fixtures:record` makes the recordings (scripts/kernel-lab/guest); compare.ts lists what may differ.
 */
import { describe, expect, it } from 'vitest';
import { RECORDINGS, readFixtures } from './fixtures/fixture.ts';
import { differenceOf } from './fixtures/replay.ts';
import { buildScenario, printDifference } from './lab/differ.ts';

/** How many kernels gave the answers. */
const KERNELS = { ipip: 2, ipvs: 2 } as const;

const fixtures = RECORDINGS.flatMap(readFixtures);

describe('the emulator does what was recorded', () => {
  it.each(fixtures.map((fixture) => [fixture.scenario.name, fixture.kernels.join(' and '), fixture] as const))(
    '%s on %s',
    (_, __, { scenario, observations }) => {
      const built = buildScenario(scenario);
      expect(observations.length).toBe(scenario.probes.length);
      const differences = scenario.probes.flatMap((probe, index) => {
        const observed = observations[index];
        return observed === undefined ? [] : (differenceOf(built, probe, observed) ?? []);
      });
      expect(differences.map((difference) => printDifference(scenario, difference))).toEqual([]);
    },
  );
});

describe.each(RECORDINGS)('the recordings with %s', (recording) => {
  it('come from as many kernels as is claimed, and cover each outcome', () => {
    const recorded = readFixtures(recording);
    expect(recorded.length).toBeGreaterThanOrEqual(12);
    expect(new Set(recorded.flatMap(({ kernels }) => kernels)).size).toBeGreaterThanOrEqual(KERNELS[recording]);
    expect(new Set(recorded.flatMap(({ observations }) => observations.map(({ kind }) => kind)))).toEqual(
      new Set(['connected', 'reset', 'icmp', 'errno', 'silence']),
    );
  });
});
