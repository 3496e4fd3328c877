/** Every suite of the topologies, as `nettrace test topologies` runs them. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';
import { topologyNames } from './read-probes.ts';

describe('the suites of the topologies', () => {
  it.each(topologyNames())('pass: %s', async (name) => {
    const listed = await run(['test', '--list', `topologies/${name}`]);
    // A folder without suites is an error of its own, and no failed test.
    if (listed.stderr.includes('no tests were found') || listed.stdout === '') return;
    const { code, stdout, stderr } = await run(['test', '--only-failures', `topologies/${name}`]);
    expect({ code, stdout: stdout.replace(/^\d+ passed/, 'N passed'), stderr }).toEqual({
      code: 0,
      stdout: 'N passed, 0 failed, 0 skipped\n',
      stderr: '',
    });
  });

  it('are there', async () => {
    const { code, stdout } = await run(['test', '--list', 'topologies']);
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeGreaterThan(10);
  });
});
