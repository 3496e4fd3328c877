import type { Verdict } from '../explain/verdict.ts';

/** Exit codes, a contract (sysexits.h from 64 on). */
export const EXIT = {
  delivered: 0,
  refused: 1,
  mixed: 2,
  undetermined: 3,
  usage: 64,
  invalidInput: 65,
  noInput: 66,
  bug: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'delivered':
      return EXIT.delivered;
    case 'dropped':
    case 'rejected':
      return EXIT.refused;
    case 'mixed':
      return EXIT.mixed;
    case 'undetermined':
      return EXIT.undetermined;
  }
}
