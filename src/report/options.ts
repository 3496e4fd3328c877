import type { Language } from '../explain/language.ts';

/** How a report is printed. None of it changes what is said. */
export type ReportOptions = {
  readonly language: Language;
  readonly colour: boolean;
  /** Only ASCII: no box-drawing characters. */
  readonly ascii: boolean;
  /** 1: every chain entered and every rule that matched; 2: every rule examined. */
  readonly verbosity: 0 | 1 | 2;
};
