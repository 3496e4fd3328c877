/** `nettrace test --var NAME=VALUE`. */
import { nearest } from '../lib/nearest.ts';
import type { Suite } from '../suite/suite.ts';
import { type Arguments, stringsOf } from './command.ts';
import { usageError } from './errors.ts';

export function variablesOf(args: Arguments): ReadonlyMap<string, string> {
  return new Map(
    stringsOf(args, 'var').map((text): readonly [string, string] => {
      const parts = /^([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)$/s.exec(text);
      if (parts === null) throw usageError(`--var ${text}: write NAME=VALUE`);
      return [parts[1] ?? '', parts[2] ?? ''];
    }),
  );
}

/** A name that no suite knows is a mistake: what was meant would keep its old value. */
export function checkVariables(names: Iterable<string>, suites: readonly Suite[]): void {
  const known = [...new Set(suites.flatMap(({ variables }) => variables))];
  for (const name of names) {
    if (known.includes(name)) continue;
    const [near] = nearest(name, known, 1);
    throw usageError(
      `--var ${name}: no suite has that variable${near === undefined ? '' : ` (did you mean ${near}?)`}`,
    );
  }
}
