/** Which files are the input, and their texts. */
import type { InputFile } from '../topology/input-file.ts';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Files, Io } from './io.ts';
import { tidyPath } from './suite-files.ts';

/** Suites of `nettrace test` stand beside what they test, and are no input. */
const INPUT_NAME = /(?<!\.nettest)\.(yaml|yml|json)$/i;

export type InputOptions = { readonly file: readonly string[]; readonly recursive: boolean; readonly lenient: boolean };

/** The texts of all inputs, each once, in the order in which they were named; directories by name, as kubectl reads them. */
export function readInputs(options: InputOptions, io: Pick<Io, 'files' | 'env'>): readonly InputFile[] {
  const { files, env } = io;
  const named = options.file.length > 0 ? options.file : defaultInputs(files, env);
  if (named.filter((path) => path === '-').length > 1) throw usageError('standard input (-f -) can be read only once');
  const paths = new Map<string, string>();
  for (const path of named.flatMap((each) => pathsOf(each, options.recursive, files))) {
    const tidied = tidyPath(path);
    if (!paths.has(tidied)) paths.set(tidied, path);
  }
  return [...paths.values()].map((path) =>
    path === '-' ? { file: '<stdin>', text: files.readStdin() } : { file: path, text: files.read(path) },
  );
}

function pathsOf(path: string, recursive: boolean, files: Files): readonly string[] {
  if (path === '-') return [path];
  const kind = files.kind(path);
  if (kind === undefined) throw new CliError(EXIT.noInput, `no such file or directory: ${path}`);
  if (kind === 'file') return [path];
  const found = filesIn(path, recursive, files);
  if (found.length === 0) {
    const deeper = recursive ? '' : ' (-R looks into its sub-folders, too)';
    throw new CliError(EXIT.noInput, `no .yaml, .yml or .json file in ${path}${deeper}`);
  }
  return found;
}

/** Directly in the folder, or at any depth; folders wait on a list, so that depth costs no stack. */
function filesIn(folder: string, recursive: boolean, files: Files): readonly string[] {
  const found: string[] = [];
  const waiting = [folder];
  for (let current = waiting.shift(); current !== undefined; current = waiting.shift()) {
    const deeper: string[] = [];
    for (const name of files.list(current)) {
      const path = `${current.replace(/\/+$/, '')}/${name}`;
      const kind = files.kind(path);
      if (kind === 'file' && INPUT_NAME.test(name)) found.push(path);
      if (kind === 'directory' && recursive) deeper.push(path);
    }
    waiting.unshift(...deeper);
  }
  return found;
}

/** NETTRACE_FILE, else nettrace.yaml, else every *.nettrace.yaml of the working directory. */
function defaultInputs(files: Files, env: Io['env']): readonly string[] {
  const named = env.NETTRACE_FILE;
  if (named !== undefined && named !== '') return [named];
  if (files.kind('nettrace.yaml') === 'file') return ['nettrace.yaml'];
  const found = files.list('.').filter((name) => name.endsWith('.nettrace.yaml'));
  if (found.length > 0) return found;
  throw new CliError(
    EXIT.noInput,
    'no input: name it with -f FILE or DIRECTORY, or NETTRACE_FILE, or put nettrace.yaml here',
  );
}
