/** Rows, columns and cells of `nettrace matrix`. */
import type { ReasonCode } from '../../explain/codes.ts';
import type { Verdict } from '../../explain/verdict.ts';
import type { ProbeProtocol } from '../query.ts';

/** `name` for people, `text` as a question writes it. */
export type MatrixSource = { readonly name: string; readonly text: string };

/** `port` is the destination's own where none was asked for; null where the protocol has none. */
export type MatrixDestination = MatrixSource & { readonly port: number | null; readonly protocol: ProbeProtocol };

export type MatrixPlan = {
  readonly sources: readonly MatrixSource[];
  readonly destinations: readonly MatrixDestination[];
};

export type MatrixCell = {
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly verdict: Verdict;
  readonly code: ReasonCode | null;
};

export type Matrix = MatrixPlan & {
  /** What was asked for: `80/tcp`; null: each destination's own port. */
  readonly port: string | null;
  /** Row by row; fewer than there are places for where the work was stopped. */
  readonly cells: readonly MatrixCell[];
};
