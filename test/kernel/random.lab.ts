/** Random machines and clusters in the emulator and in real network namespaces: every probe, every rule of traced ones. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { type BatchOptions, type BatchReport, runBatch } from './lab/batch.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const settings = readSettings();
const kernel = kernelOrReason();
const reports: Record<string, Omit<BatchReport, 'findings'> & { readonly differences: number }> = {};

/** Of these topologies at most so many may be refused by the kernel. */
const MOST_REFUSED = 0.02;

describe.runIf(kernel !== undefined)('random topologies', () => {
  const { seed, topologies, probes, tracedTopologies, tracedProbes } = settings;
  const kinds = kernel?.kinds ?? [];
  const clusters = Math.floor(topologies / 3);
  const tracedClusters = Math.floor(tracedTopologies / 3);

  async function check(name: string, options: Omit<BatchOptions, 'kinds'>): Promise<void> {
    const { findings, ...report } = await runBatch({ ...options, kinds });
    reports[name] = { ...report, differences: findings.length };
    // The seed is in the text: `npx tsx test/kernel/lab/hunt.ts --seed N --count 1 --shrink --keep` makes it small.
    expect(findings.map((finding) => finding.text)).toEqual([]);
    expect(report.refused.length, report.refused.join('\n')).toBeLessThanOrEqual(options.count * MOST_REFUSED);
    expect(report.topologies).toBe(options.count - report.refused.length);
    expect(report.probes).toBe(report.topologies * options.probes);
  }

  test('every probe between machines ends as in the kernel', () =>
    check('machines', { seed, count: topologies - clusters, probes, trace: false }));

  test('every probe in clusters ends as in the kernel', () =>
    check('clusters', { seed, count: clusters, probes, trace: false, clusters: true }));

  test('every rule between machines is met as in the kernel', () =>
    check('tracedMachines', {
      seed: seed + 100_000,
      count: tracedTopologies - tracedClusters,
      probes: tracedProbes,
      trace: true,
    }));

  test('every rule in clusters is met as in the kernel', () =>
    check('tracedClusters', {
      seed: seed + 100_000,
      count: tracedClusters,
      probes: tracedProbes,
      trace: true,
      clusters: true,
    }));

  test('rules that remember do so as in the kernel', () =>
    check('remembering', { seed: seed + 200_000, count: 10, probes: 30, trace: false, remembers: true }));

  afterAll(() => {
    if (settings.reportFile === undefined) return;
    writeFileSync(settings.reportFile, `${JSON.stringify({ kernel: kernel?.kernel, reports }, null, 1)}\n`);
  });
});
