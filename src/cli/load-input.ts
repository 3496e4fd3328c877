/** Files named on the command line -> the loaded world, or a message with every mistake in them. */
import type { Loaded } from '../topology/load.ts';
import { inputError, printIssue } from './errors.ts';
import { type InputOptions, readInputs } from './input-files.ts';
import type { Io } from './io.ts';

export async function loadInput(options: InputOptions, io: Io): Promise<Loaded> {
  const inputs = readInputs(options, io);
  const { loadTopology } = await import('../topology/load.ts');
  const loaded = loadTopology(inputs, { lenient: options.lenient });
  if (!loaded.ok) throw inputError(loaded.issues);
  for (const warning of loaded.value.warnings) io.stderr(`${printIssue(warning)}\n`);
  return loaded.value;
}
