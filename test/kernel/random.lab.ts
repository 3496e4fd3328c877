/** Random machines in the emulator and in real network namespaces: every probe, and every rule of traced ones. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { type BatchReport, runBatch } from './lab/batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const settings = readSettings();
const kernel = kernelOrReason();
const reports: Record<string, Omit<BatchReport, 'findings'> & { readonly differences: number }> = {};

describe.runIf(kernel !== undefined)('random machines', () => {
  const kinds = kernel?.kinds ?? [];

  async function check(name: string, options: Parameters<typeof runBatch>[0]): Promise<void> {
    const { findings, ...report } = await runBatch(options);
    reports[name] = { ...report, differences: findings.length };
    // The seed is in the text: `npx tsx test/kernel/lab/hunt.ts --seed N --count 1 --shrink --keep` makes it small.
    expect(findings.map((finding) => finding.text)).toEqual([]);
    expect(report.probes).toBe(options.count * options.probes);
  }

  test('every probe ends as in the kernel', () =>
    check('outcomes', { seed: settings.seed, count: settings.topologies, probes: settings.probes, trace: false, kinds }));

  test('every rule is met as in the kernel', () =>
    check('traced', { seed: settings.seed + 100_000, count: settings.tracedTopologies, probes: settings.tracedProbes, trace: true, kinds }));

  test('rules that remember do so as in the kernel', () =>
    check('remembering', { seed: settings.seed + 200_000, count: 10, probes: 30, trace: false, kinds, remembers: true }));

  afterAll(() => {
    if (settings.reportFile === undefined) return;
    writeFileSync(settings.reportFile, `${JSON.stringify({ kernel: kernel?.kernel, reports }, null, 1)}\n`);
  });
});
