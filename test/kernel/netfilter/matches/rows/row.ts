import type { FakeOptions } from '../../fake-env.ts';

/** One rule and one packet. 'unknown' means that the model asks for both outcomes. */
export type MatchRow = {
  readonly name: string;
  readonly rule: string;
  readonly family?: 4 | 6;
  readonly env?: FakeOptions;
  readonly result: 'hit' | 'miss' | 'unknown';
};

export function row(
  name: string,
  rule: string,
  env: FakeOptions,
  result: MatchRow['result'],
  family: 4 | 6 = 4,
): MatchRow {
  return { name, rule, env, result, family };
}
