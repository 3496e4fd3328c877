/** Files named on the command line -> the loaded world, or a message with every mistake in them. */
import type { Result } from '../lib/result.ts';
import type { Loaded, LoadOptions } from '../topology/load.ts';
import { inOrder, inputError, printIssue } from './errors.ts';
import { type InputOptions, readInputs } from './input-files.ts';
import type { Io } from './io.ts';

export async function loadInput(options: InputOptions, io: Io): Promise<Loaded> {
  const { loadTopology } = await import('../topology/load.ts');
  const loaded = told(loadTopology(readInputs(options, io), { lenient: options.lenient }));
  warn(loaded, io);
  return loaded;
}

/** The same files once for each mode of kube-proxy; warnings are told once. */
export async function loadInModes<M extends NonNullable<LoadOptions['proxyMode']>>(
  modes: readonly M[],
  options: InputOptions,
  io: Io,
): Promise<readonly { readonly mode: M; readonly loaded: Loaded }[]> {
  const { loadTopology } = await import('../topology/load.ts');
  const inputs = readInputs(options, io);
  const worlds = modes.map((mode) => ({
    mode,
    loaded: told(loadTopology(inputs, { lenient: options.lenient, proxyMode: mode })),
  }));
  const [first] = worlds;
  if (first !== undefined) warn(first.loaded, io);
  return worlds;
}

function told(loaded: Result<Loaded>): Loaded {
  if (!loaded.ok) throw inputError(loaded.issues);
  return loaded.value;
}

function warn({ warnings }: Loaded, io: Io): void {
  for (const warning of inOrder(warnings)) io.stderr(`${printIssue(warning)}\n`);
}
