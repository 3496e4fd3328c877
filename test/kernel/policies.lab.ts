/** Random policies of every API and host endpoints on random small clusters: what they say, what the emulator does, what the kernel does. */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkPolicies, checkScenario } from './lab/policy-check.ts';
import { readFixedScenarios } from './lab/policy-fixed.ts';
import type { BatchName } from './lab/policy-scenario.ts';
import { KernelRunner } from './lab/runner.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, topologies, probes, reportFile } = readSettings();
const kernel = kernelOrReason();

/** Of the clusters: a busy machine may not bring all devices up in time. */
const MOST_REFUSED = 0.02;

/** Of the topologies of the suite; and the least of the probes that host endpoints must stop. */
const BATCHES: readonly { readonly batch: BatchName; readonly share: number; readonly stopped: number }[] = [
  { batch: 'policies', share: 1 / 6, stopped: 0 },
  { batch: 'host-endpoints', share: 1 / 12, stopped: 1 / 10 },
  { batch: 'neighbours', share: 1 / 20, stopped: 1 / 10 },
];

describe.runIf(kernel !== undefined)('the kernel lets pass what they allow, and nothing else', () => {
  test.each(BATCHES)('$batch', async ({ batch, share, stopped }) => {
    const count = Math.ceil(topologies * share);
    const { findings, refused, clusters, ...report } = await checkPolicies({ batch, seed, count, probes });
    if (reportFile !== undefined) {
      const figures = { ...report, topologies: clusters, events: 0, refused, differences: findings.length };
      appendFileSync(reportFile, `${JSON.stringify({ name: batch, kernel: kernel?.kernel, ...figures })}\n`);
    }
    // The seed is in the text: NETTRACE_SEED=N NETTRACE_TOPOLOGIES=1 repeats one cluster.
    expect(findings).toEqual([]);
    expect(refused.length, refused.join('\n')).toBeLessThanOrEqual(count * MOST_REFUSED);
    expect(clusters).toBe(count - refused.length);
    // Neither verdict may stand for nothing, where there are enough clusters to tell.
    if (count < 10) return;
    expect(report.denied).toBeGreaterThan(report.probes / 5);
    expect(report.denied).toBeLessThan((report.probes * 4) / 5);
    expect(report.stoppedByHosts).toBeGreaterThanOrEqual(report.probes * stopped);
  });
});

describe.runIf(kernel !== undefined)('tiers and host endpoints: before the translation, forwarded, untracked', () => {
  let runner: KernelRunner | undefined;
  beforeAll(() => {
    runner = new KernelRunner();
  });
  afterAll(() => runner?.close());

  test.each(readFixedScenarios('calico-tiers').map((made) => ({ name: made.scenario.name, made })))(
    '$name',
    async ({ made }) => {
      if (runner === undefined) throw new Error('the runner has not started');
      expect(made.asked.length).toBeGreaterThan(0);
      expect((await checkScenario(runner, made)).different).toEqual([]);
    },
  );
});
