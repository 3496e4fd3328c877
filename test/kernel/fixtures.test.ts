/**
 * What guest kernels with IPIP did, replayed without a kernel: one row for each recorded topology. `npm run
 * fixtures:record` makes the recordings (scripts/kernel-lab/guest); compare.ts lists what may differ.
 */
import { describe, expect, it } from 'vitest';
import { prepare, readFixtures } from './fixtures/fixture.ts';
import { differenceOf } from './fixtures/replay.ts';
import { printDifference } from './lab/differ.ts';

const fixtures = readFixtures();

function nameOf({ subject }: (typeof fixtures)[number]): string {
  return subject.kind === 'machines' ? subject.scenario.name : subject.name;
}

describe('the emulator does what was recorded', () => {
  it.each(fixtures.map((fixture) => [nameOf(fixture), fixture.kernels.join(' and '), fixture] as const))(
    '%s on %s',
    (name, _, { subject, observations }) => {
      const prepared = prepare(subject);
      expect(observations.length).toBe(prepared.probes.length);
      const differences = observations.flatMap((observed, index) => differenceOf(prepared, index, observed) ?? []);
      expect(differences.map((difference) => printDifference({ name, machines: [], probes: [] }, difference))).toEqual(
        [],
      );
    },
  );
});

describe('the recordings', () => {
  it('come from two kernels and cover each outcome', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(60);
    expect(new Set(fixtures.flatMap(({ kernels }) => kernels)).size).toBeGreaterThanOrEqual(2);
    expect(new Set(fixtures.flatMap(({ observations }) => observations.map(({ kind }) => kind)))).toEqual(
      new Set(['connected', 'reset', 'icmp', 'errno', 'silence']),
    );
  });
});
