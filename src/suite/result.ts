/** What a run of suites came to, as data for every reporter. */
import type { Trace } from '../query/trace.ts';
import type { TestCase } from './suite.ts';

export type TestStatus = 'passed' | 'failed' | 'skipped';

/** One question of a test that did not come out as expected. */
export type Mismatch = {
  readonly source: string;
  readonly destination: string;
  readonly wrong: readonly string[];
  /** The answer with its last steps (short-trace.ts); undefined where the question could not be asked. */
  readonly trace: Trace | undefined;
  /** The command that asks it again. */
  readonly command: readonly string[];
};

export type TestResult = {
  readonly suite: string;
  /** Of the topology, where the suite has several. */
  readonly variant: string;
  readonly test: TestCase;
  readonly name: string;
  readonly status: TestStatus;
  /** Why it failed or was skipped, in one line; '' where it passed, and was not expected to fail. */
  readonly message: string;
  /** The first few. */
  readonly mismatches: readonly Mismatch[];
  readonly questions: number;
};

export type SuiteRun = {
  readonly results: readonly TestResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that were not run because somebody stopped the run. */
  readonly unrun: number;
};

export function summarizeRun(results: readonly TestResult[], planned: number): SuiteRun {
  const count = (status: TestStatus): number => results.filter((result) => result.status === status).length;
  return {
    results,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    unrun: planned - results.length,
  };
}

/** Why a test that passed was expected to fail: it passed because it does, and people have to see it among the others. */
export function knownFailureOf({ status, test }: TestResult): string | undefined {
  return status === 'passed' ? test.expectFailure : undefined;
}
