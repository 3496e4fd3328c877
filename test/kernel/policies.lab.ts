/** Random policies of every API on random small clusters: what they say, what the emulator does, what the kernel does. */
import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkPolicies } from './lab/policy-check.ts';
import { kernelOrReason, readSettings } from './lab/settings.ts';

const { seed, topologies, probes, reportFile } = readSettings();
const kernel = kernelOrReason();

/** Of the clusters: a busy machine may not bring all devices up in time. */
const MOST_REFUSED = 0.02;

describe.runIf(kernel !== undefined)('policies', () => {
  test('the kernel lets pass what they allow, and nothing else', async () => {
    const count = Math.ceil(topologies / 3);
    const { findings, refused, clusters, ...report } = await checkPolicies({ seed, count, probes });
    if (reportFile !== undefined) {
      const figures = { ...report, topologies: clusters, events: 0, refused, differences: findings.length };
      appendFileSync(reportFile, `${JSON.stringify({ name: 'policies', kernel: kernel?.kernel, ...figures })}\n`);
    }
    // The seed is in the text: NETTRACE_SEED=N NETTRACE_TOPOLOGIES=1 repeats one cluster.
    expect(findings).toEqual([]);
    expect(refused.length, refused.join('\n')).toBeLessThanOrEqual(count * MOST_REFUSED);
    expect(clusters).toBe(count - refused.length);
    // Neither verdict may stand for nothing, where there are enough clusters to tell.
    if (count < 10) return;
    expect(report.denied).toBeGreaterThan(report.probes / 5);
    expect(report.denied).toBeLessThan((report.probes * 4) / 5);
  });
});
