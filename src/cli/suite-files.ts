/** Which suites a run is about, and the topologies they name. */
import type { Suite, TestCase, Variant } from '../suite/suite.ts';
import { CliError, inputError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Files } from './io.ts';

/** A test with all that it needs. */
export type Planned = { readonly suite: Suite; readonly variant: Variant; readonly test: TestCase };

/** Runs find no others in folders. */
export const SUITE_NAME = /\.nettest\.ya?ml$/i;

/** The files named, those in the folders named at any depth, else those here and below. */
export function findSuites(named: readonly string[], files: Files): readonly string[] {
  const found = (named.length === 0 ? ['.'] : named).flatMap((path) => {
    const kind = files.kind(path);
    if (kind === undefined) throw new CliError(EXIT.noInput, `no such file or directory: ${path}`);
    return kind === 'file' ? [path] : suitesIn(path, files);
  });
  return [...new Set(found)];
}

/** Not inside node_modules or hidden folders. */
function suitesIn(folder: string, files: Files): readonly string[] {
  const found: string[] = [];
  const waiting = [folder];
  for (let current = waiting.shift(); current !== undefined; current = waiting.shift()) {
    const deeper: string[] = [];
    for (const name of files.list(current)) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      const path = current === '.' ? name : `${current.replace(/\/+$/, '')}/${name}`;
      if (SUITE_NAME.test(name)) found.push(path);
      else if (files.kind(path) === 'directory') deeper.push(path);
    }
    waiting.unshift(...deeper);
  }
  return found;
}

/** Files that a suite names stand beside it; those of the command line come first. */
export function inputsOf(
  { file }: Suite,
  variant: Variant,
  test: Pick<TestCase, 'with'>,
  named: readonly string[],
): readonly string[] {
  const folder = file.includes('/') ? `${file.slice(0, file.lastIndexOf('/'))}/` : '';
  const own = [...variant.files, ...test.with].map((path) =>
    path.startsWith('/') ? path : tidyPath(`${folder}${path}`),
  );
  return [...named, ...own];
}

/** The path as it is written in a file of the folder. Both start where the process does. */
export function relativePath(folder: string, path: string): string {
  if (path.startsWith('/') || folder.startsWith('/') || path === '-') return path;
  const from = tidyPath(folder)
    .split('/')
    .filter((part) => part !== '');
  const to = tidyPath(path)
    .split('/')
    .filter((part) => part !== '');
  const different = from.findIndex((part, index) => part !== to[index]);
  const shared = different < 0 ? from.length : different;
  // From above the start there is no way back by names that are known.
  if (from.slice(shared).includes('..')) return path;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.';
}

/** `a/../b` is `b`; leading `..` stay. */
export function tidyPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

/** Every mistake of every suite at once. */
export function readOrFail<T>(
  results: readonly (
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly issues: Parameters<typeof inputError>[0] }
  )[],
): readonly T[] {
  const issues = results.flatMap((result) => (result.ok ? [] : result.issues));
  if (issues.length > 0) throw inputError(issues);
  return results.flatMap((result) => (result.ok ? [result.value] : []));
}
