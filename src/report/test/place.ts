/** Where a failed test points: its own line in the suite, and the object to blame. */
import type { BlameView } from '../../query/trace.ts';
import type { TestResult } from '../../suite/result.ts';

export type Place = { readonly file: string; readonly line: number };

export function placeOfTest({ test }: TestResult): Place {
  return { file: test.at.file, line: test.at.line };
}

/** The line of the policy or Service that decided the first mismatch. */
export function placeOfBlame({ mismatches }: TestResult): Place | undefined {
  const origin: BlameView['origin'] = mismatches[0]?.trace?.result.blame?.origin ?? null;
  return origin?.file == null || origin.line === null ? undefined : { file: origin.file, line: origin.line };
}

/** The command as a shell takes it: every word that needs it in quotes. */
export function printCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
