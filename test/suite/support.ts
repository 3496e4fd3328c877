/** A suite as a test writes it, run against a topology of the repository. */
import { invariant } from '../../src/lib/assert.ts';
import { Coverage, type CoveredItem } from '../../src/suite/coverage/coverage.ts';
import { readSuite } from '../../src/suite/read-suite.ts';
import type { TestResult } from '../../src/suite/result.ts';
import { runTest } from '../../src/suite/run-test.ts';
import type { Suite } from '../../src/suite/suite.ts';
import type { Loaded } from '../../src/topology/load.ts';

export function suiteOf(...tests: readonly string[]): Suite {
  const lines = tests.map((test) => `  - ${test.startsWith('{') ? test : JSON.stringify(test)}`);
  const read = readSuite({
    file: 'own.nettest.yaml',
    text: `tests:${lines.length === 0 ? ' []' : ''}\n${lines.join('\n')}\n`,
  });
  invariant(read.ok, read.ok ? '' : read.issues.map(({ message }) => message).join('\n'));
  return read.value;
}

/** @param tests one-line tests, or mappings in YAML's flow form */
export function runTests(loaded: Loaded, ...tests: readonly string[]): readonly TestResult[] {
  const suite = suiteOf(...tests);
  return suite.tests.map((test) => runTest(test, { suite, variant: '', loaded, inputWords: ['-f', 'lab.yaml'] }));
}

export function cover(loaded: Loaded, ...tests: readonly string[]): readonly CoveredItem[] {
  const suite = suiteOf(...tests);
  const coverage = new Coverage(loaded.cluster);
  for (const test of suite.tests) {
    const observe = coverage.observe.bind(coverage);
    runTest(test, { suite, variant: '', loaded, inputWords: [], observe });
  }
  return coverage.items();
}
