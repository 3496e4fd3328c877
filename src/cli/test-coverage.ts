/** `nettrace test --coverage`: what no test decided. */
import type { CoverageForm } from '../report/test/coverage.ts';
import type { CoveredItem } from '../suite/coverage/coverage.ts';
import { type Arguments, stringsOf } from './command.ts';
import { usageError } from './errors.ts';
import type { Io } from './io.ts';
import { reportOptionsOf } from './options.ts';

export type CoverageOutput = { readonly form: CoverageForm; readonly file: string | undefined };

const COVERAGE_FORM_NAMES: readonly CoverageForm[] = ['text', 'json', 'lcov', 'html'];

export function coverageOf(args: Arguments): readonly CoverageOutput[] {
  const named = stringsOf(args, 'coverage');
  // The option alone is an empty list.
  const alone =
    named.length === 0 && Object.entries(args).some(([key, value]) => key === 'coverage' && value !== undefined);
  const wanted = alone ? ['text'] : named;
  return wanted.map((text): CoverageOutput => {
    const [name = '', ...rest] = (text === '' ? 'text' : text).split('=');
    const form = COVERAGE_FORM_NAMES.find((known) => known === name);
    if (form === undefined) throw usageError(`unknown coverage form ${name}; known: ${COVERAGE_FORM_NAMES.join(', ')}`);
    const file = rest.join('=');
    return { form, file: file === '' ? undefined : file };
  });
}

export async function reportCoverage(
  items: readonly CoveredItem[],
  outputs: readonly CoverageOutput[],
  args: Arguments,
  io: Io,
): Promise<void> {
  const { COVERAGE_FORMS } = await import('../report/test/coverage.ts');
  for (const { form, file } of outputs) {
    const options = reportOptionsOf(args, io);
    const text = COVERAGE_FORMS[form](items, { ...options, colour: file === undefined && options.colour });
    if (file === undefined) io.stdout(text);
    else if (io.writeFile === undefined) throw usageError(`${file} cannot be written here`);
    else io.writeFile(file, text);
  }
}
