/** What `nettrace test` prints, and where: standard output takes one document, or texts for people one after the other. */
import { nearest } from '../lib/nearest.ts';
import type { TestReporter } from '../report/test/index.ts';
import { type Arguments, numberOf, stringOf, stringsOf } from './command.ts';
import { usageError } from './errors.ts';
import { type CoverageOutput, coverageOf } from './test-coverage.ts';

const REPORTERS: readonly TestReporter[] = ['pretty', 'json', 'junit', 'tap', 'github', 'sarif'];
export const REPORTER_NAMES = REPORTERS.join('|');

export type ReporterOutput = { readonly reporter: TestReporter; readonly file: string | undefined };

export type TestOutputs = {
  readonly reporters: readonly ReporterOutput[];
  readonly coverage: readonly CoverageOutput[];
  /** The least percentage. */
  readonly least: number | undefined;
  /** How many at most: '' where it is not said; undefined for none at all. */
  readonly mutants: string | undefined;
};

/** Every mistake in them is told before a test is run. */
export function outputsOf(args: Arguments): TestOutputs {
  const reporters = reportersOf(args);
  const coverage = coverageOf(args);
  const mutants = mutantsOf(args);
  const least = leastOf(args);
  const all = [
    ...reporters.map(({ reporter, file }) => ({ option: `-r ${reporter}`, isText: isText(reporter), file })),
    ...coverage.map(({ form, file }) => ({ option: `--coverage ${form}`, isText: form === 'text', file })),
    ...(mutants === undefined ? [] : [MUTANTS]),
  ];
  checkFiles(all.flatMap(({ file }) => file ?? []));
  checkStandardOutput(all.filter(({ file }) => file === undefined));
  return { reporters, coverage, least, mutants };
}

function mutantsOf(args: Arguments): string | undefined {
  const text = stringOf(args, 'mutate');
  if (text === undefined || (/^\d{0,6}$/.test(text) && text !== '0')) return text;
  throw usageError(`--mutate ${text}: write a number of mutants, or none`);
}

function leastOf(args: Arguments): number | undefined {
  const least = numberOf(args, 'min-coverage');
  if (least === undefined || (least >= 0 && least <= 100)) return least;
  throw usageError('--min-coverage: write a percentage from 0 to 100');
}

function checkFiles(files: readonly string[]): void {
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw usageError(`${twice} is named for two reports: the second would write over the first`);
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
