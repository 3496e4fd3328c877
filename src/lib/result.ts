/** A place in an input file. Lines and columns count from 1. */
export type Position = { readonly file: string; readonly line: number; readonly column: number };

/** One thing wrong (or worth a warning) in the input. All are collected; none is thrown. */
export type Issue = {
  readonly severity: 'error' | 'warning';
  /** Stable kebab-case id, such as `unknown-field`. */
  readonly code: string;
  readonly message: string;
  readonly at?: Position;
  /** What to write instead: the nearest valid name, the expected form. */
  readonly hint?: string;
};

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(...issues: readonly Issue[]): { readonly ok: false; readonly issues: readonly Issue[] } {
  return { ok: false, issues };
}

/** An error issue in one line. */
export function issue(code: string, message: string, extra: { at?: Position; hint?: string } = {}): Issue {
  return { severity: 'error', code, message, ...extra };
}

/** All values, or all issues of those that failed. */
export function collect<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const issues = results.flatMap((r) => (r.ok ? [] : r.issues));
  if (issues.length > 0) return fail(...issues);
  return ok(results.flatMap((r) => (r.ok ? [r.value] : [])));
}
