/** What `nettrace test` prints, and where: standard output takes one document, or texts for people one after the other. */
import { nearest } from '../lib/nearest.ts';
import type { TestReporter } from '../report/test/index.ts';
import { type Arguments, stringOf, stringsOf } from './command.ts';
import { usageError } from './errors.ts';
import { type CoverageOutput, coverageOf } from './test-coverage.ts';

const REPORTERS: readonly TestReporter[] = ['pretty', 'json', 'junit', 'tap', 'github', 'sarif'];
export const REPORTER_NAMES = REPORTERS.join('|');

export type ReporterOutput = { readonly reporter: TestReporter; readonly file: string | undefined };

export type TestOutputs = {
  readonly reporters: readonly ReporterOutput[];
  readonly coverage: readonly CoverageOutput[];
};

/** Every mistake in them is told before a test is run. */
export function outputsOf(args: Arguments): TestOutputs {
  const reporters = reportersOf(args);
  const coverage = coverageOf(args);
  const mutants = stringOf(args, 'mutate') === undefined ? [] : [MUTANTS];
  const all = [
    ...reporters.map(({ reporter, file }) => ({ option: `-r ${reporter}`, isText: isText(reporter), file })),
    ...coverage.map(({ form, file }) => ({ option: `--coverage ${form}`, isText: form === 'text', file })),
    ...mutants,
  ];
  checkStandardOutput(all.filter(({ file }) => file === undefined));
  return { reporters, coverage };
}

type Document = { readonly option: string; readonly isText: boolean; readonly file: string | undefined };

const MUTANTS: Document = { option: '--mutate', isText: true, file: undefined };

/** Lines beside workflow commands are the log of the job. */
function isText(reporter: TestReporter): boolean {
  return reporter === 'pretty' || reporter === 'github';
}

function checkStandardOutput(documents: readonly Document[]): void {
  const data = documents.find((document) => !document.isText);
  const other = documents.find((document) => document !== data);
  if (data === undefined || other === undefined) return;
  throw usageError(
    `${other.option} and ${data.option} cannot both print to standard output: give one a file, as in ${data.option}=FILE`,
  );
}

function reportersOf(args: Arguments): readonly ReporterOutput[] {
  const named = stringsOf(args, 'reporter');
  const outputs = (named.length === 0 ? ['pretty'] : named).map((text): ReporterOutput => {
    const [name = '', ...rest] = text.split('=');
    const reporter = REPORTERS.find((known) => known === name);
    if (reporter === undefined) {
      const [near] = nearest(name, REPORTERS, 1);
      const hint = near === undefined ? `known: ${REPORTERS.join(', ')}` : `did you mean ${near}?`;
      throw usageError(`unknown reporter ${name} (${hint})`);
    }
    const file = rest.join('=');
    return { reporter, file: file === '' ? undefined : file };
  });
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw usageError('only one reporter can print to standard output: give the others a file, as in junit=report.xml');
  }
  return outputs;
}
