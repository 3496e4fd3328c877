/** The formats of a run of suites. */
import type { SuiteRun } from '../../suite/result.ts';
import { printGithub } from './github.ts';
import { printJson } from './json.ts';
import { printJunit } from './junit.ts';
import { type PrettyOptions, printPretty } from './pretty.ts';
import { printSarif } from './sarif.ts';
import { printTap } from './tap.ts';

export type TestReporter = 'pretty' | 'json' | 'junit' | 'tap' | 'github' | 'sarif';

export type TestReportOptions = PrettyOptions & { readonly version: string };

export const TEST_REPORTERS: Readonly<Record<TestReporter, (run: SuiteRun, options: TestReportOptions) => string>> = {
  pretty: printPretty,
  json: printJson,
  junit: printJunit,
  tap: printTap,
  github: printGithub,
  sarif: (run, { version }) => printSarif(run, version),
};
