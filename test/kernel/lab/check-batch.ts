/** A batch as a test: no difference, hardly a refusal, nothing left out; and a line for the report. */
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type BatchOptions, runBatch } from './batch.ts';
import type { Capabilities } from './runner.ts';

/** Of these topologies at most so many may be refused by the kernel. */
const MOST_REFUSED = 0.02;

/** @param mostRefused of these topologies at most such a share may be refused by the kernel */
type Options = Omit<BatchOptions, 'kinds'> & { readonly mostRefused?: number };

/** A row of a table: what is true of the batch, its name in the report, and what it is made of. */
export type Batch = readonly [row: string, name: string, options: Options];

export async function checkBatch(
  name: string,
  { mostRefused = MOST_REFUSED, ...options }: Options,
  run: { readonly kernel: Capabilities | undefined; readonly reportFile: string | undefined },
): Promise<void> {
  const { kernel, reportFile } = run;
  const { findings, ...report } = await runBatch({ ...options, kinds: kernel?.kinds ?? [] });
  if (reportFile !== undefined) {
    // One line a batch: suites of several processes write to the same file.
    const line = { name, kernel: kernel?.kernel, ...report, differences: findings.length };
    appendFileSync(reportFile, `${JSON.stringify(line)}\n`);
  }
  // The seed is in the text: `npx tsx test/kernel/lab/hunt.ts --seed N --count 1 --shrink --keep` makes it small.
  expect(findings.map((finding) => finding.text)).toEqual([]);
  expect(report.refused.length, report.refused.join('\n')).toBeLessThanOrEqual(options.count * mostRefused);
  expect(report.topologies).toBe(options.count - report.refused.length);
  expect(report.probes).toBe(report.topologies * options.probes);
}
