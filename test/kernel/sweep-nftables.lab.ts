/** nftables: every row in the emulator and in the kernel, and its table as nft lists it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { printKernel } from './lab/compare.ts';
import { type Outcome, printDifference, runScenario } from './lab/differ.ts';
import { KernelRunner } from './lab/runner.ts';
import type { Scenario } from './lab/scenario.ts';
import { kernelOrReason } from './lab/settings.ts';
import { NFTABLES_ROWS } from './lab/sweep-nftables.ts';
import { NFTABLES6_ROWS } from './lab/sweep-nftables6.ts';
import type { Row } from './lab/sweep-scene.ts';

const ROWS = [...NFTABLES_ROWS, ...NFTABLES6_ROWS];
const kernel = kernelOrReason();

describe.runIf(kernel !== undefined)('the kernel and the emulator agree:', () => {
  const outcomes = new Map<Row, Outcome | Error>();

  beforeAll(async () => {
    const left = [...ROWS.entries()];
    const work = async (): Promise<void> => {
      const runner = new KernelRunner();
      try {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, row] = next;
          outcomes.set(row, await runScenario(runner, scenarioOf(row, index), { trace: true }).catch(errorOf));
        }
      } finally {
        await runner.close();
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
  }, 180_000);

  test.each(ROWS.map((row, index) => [row.sentence, row, index] as const))('%s', (_, row, index) => {
    const outcome = outcomes.get(row);
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('this row has not run');
    const scenario = scenarioOf(row, index);
    expect(outcome.differences.map((difference) => printDifference(scenario, difference))).toEqual([]);
    row.probes.forEach(([, expected], number) => {
      const observed = outcome.observations[number];
      const words = observed === undefined ? 'nothing' : printKernel(observed);
      if (expected === 'silence') expect(words).toBe(expected);
      else expect(words).toContain(expected);
    });
  });
});

function scenarioOf(row: Row, index: number): Scenario {
  return {
    name: `sweep nftables ${index}`,
    machines: row.machines,
    probes: row.probes.map(([probe], number) => ({ ...probe, sport: 20_000 + number })),
    ...(row.remembers === true ? { remembers: true } : {}),
  };
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
