/**
 * Input files of a git revision, `git:REV:PATH`. Trees are walked by their hashes and blobs read by theirs, so that no
 * name of a file is ever an argument of git, and none passes through a shell.
 */
import type { InputFile } from '../topology/input-file.ts';
import { CliError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Io, System } from './io.ts';

export function isGitSpec(text: string): boolean {
  return text.startsWith('git:');
}

const INPUT_NAME = /(?<!\.nettest)\.(yaml|yml|json)$/i;

/** Folders are read as on disk: files directly in them, with `recursive` sub-folders as well. */
export function readGitInputs(spec: string, recursive: boolean, io: Io): readonly InputFile[] {
  const match = /^git:([^:]+):(.*)$/s.exec(spec);
  const [, revision, path] = match ?? [];
  if (revision === undefined || path === undefined)
    throw usageError(`${spec}: expected git:REVISION:PATH, such as git:HEAD~1:manifests`);
  const { system } = io;
  if (system === undefined) throw new CliError(EXIT.noInput, `${spec}: no programs can be started here`);
  // What git would take for an option is no revision.
  const root = git(system, spec, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{tree}`]).trim();
  const here = git(system, spec, ['rev-parse', '--show-prefix']).trim();
  const entry = find(system, spec, root, stepsOf(`${here}${path}`));
  if (entry === undefined) throw new CliError(EXIT.noInput, `no such file or directory in ${revision}: ${path}`);
  if (entry.type === 'blob') return [readBlob(system, spec, entry.hash, spec)];
  const found = filesIn(system, spec, entry.hash, spec.replace(/\/+$/, ''), recursive);
  if (found.length === 0) throw new CliError(EXIT.noInput, `no .yaml, .yml or .json file in ${spec}`);
  return found;
}

function git(system: System, spec: string, words: readonly string[]): string {
  const { status, stdout, stderr } = system.run('git', words);
  if (status === undefined) throw new CliError(EXIT.noInput, `${spec}: git cannot be started`);
  if (status === 0) return stdout;
  const why = stderr.trim() === '' ? 'git knows no such revision' : stderr.trim().split('\n').at(-1);
  throw new CliError(EXIT.noInput, `${spec}: ${why}`);
}

/** Names between slashes, `.` and `..` taken away. */
function stepsOf(path: string): readonly string[] {
  const steps: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') steps.pop();
    else if (name !== '' && name !== '.') steps.push(name);
  }
  return steps;
}

type Entry = { readonly type: 'blob' | 'tree'; readonly hash: string; readonly name: string };

function find(system: System, spec: string, root: string, steps: readonly string[]): Entry | undefined {
  let entry: Entry | undefined = { type: 'tree', hash: root, name: '' };
  for (const step of steps) {
    if (entry?.type !== 'tree') return undefined;
    entry = entriesOf(system, spec, entry.hash).find(({ name }) => name === step);
  }
  return entry;
}

/** Links and other repositories are left out: what they point at is not in this tree. */
function entriesOf(system: System, spec: string, tree: string): readonly Entry[] {
  const listed = git(system, spec, ['ls-tree', '-z', '--full-tree', tree]);
  return listed.split('\0').flatMap((line): Entry[] => {
    const [, mode, type, hash, name] = /^(\d+) (blob|tree) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    if (hash === undefined || name === undefined || mode === '120000') return [];
    return type === 'tree' ? [{ type, hash, name }] : [{ type: 'blob', hash, name }];
  });
}

function filesIn(system: System, spec: string, tree: string, folder: string, recursive: boolean): readonly InputFile[] {
  const files: InputFile[] = [];
  const waiting = [{ tree, folder }];
  for (let current = waiting.shift(); current !== undefined; current = waiting.shift()) {
    const deeper: typeof waiting = [];
    for (const { type, hash, name } of entriesOf(system, spec, current.tree)) {
      const place = `${current.folder}/${name}`;
      if (type === 'tree') {
        if (recursive) deeper.push({ tree: hash, folder: place });
      } else if (INPUT_NAME.test(name)) files.push(readBlob(system, spec, hash, place));
    }
    waiting.unshift(...deeper);
  }
  return files;
}

function readBlob(system: System, spec: string, hash: string, file: string): InputFile {
  return { file, text: git(system, spec, ['cat-file', 'blob', hash]) };
}
