/** The answer to a question whose packet was never sent: the name has no address, nobody is there to send it. */
import { CODES, type ReasonCode } from '../explain/codes.ts';
import { type Phrase, phrase } from '../explain/language.ts';
import { ZERO } from '../lib/fraction.ts';
import type { LookUp } from './look-up.ts';
import { notesTouched } from './notes-touched.ts';
import { queryHead } from './query-head.ts';
import type { Question } from './question.ts';
import type { AssumptionView, StatsView, Trace } from './trace.ts';

type Why = {
  readonly code: ReasonCode;
  readonly values: Phrase['values'];
  readonly verdict?: 'dropped' | 'undetermined';
  /** The look-up, which may have walked a query of its own. */
  readonly found?: LookUp;
};

/** Of the notes of the input those are kept that the ends or the look-up touch. */
export function unsentTrace(
  { loaded, query, source, destination }: Question,
  { code, values, verdict = 'dropped', found }: Why,
): Trace {
  const none: StatsView = { rulesExamined: 0, chainsEntered: 0 };
  const name = code === 'DNS_NXDOMAIN' || code === 'DNS_SERVER_UNREACHABLE';
  return {
    query: queryHead(query, source, {
      address: undefined,
      port: query.protocol === 'icmp' ? undefined : destination.port,
      service: undefined,
    }),
    result: {
      verdict,
      code,
      symptom: name ? 'name-error' : 'timeout',
      summary: phrase(CODES[code].summary, values),
      blame: null,
      deliveredShare: ZERO,
    },
    dns: found?.view ?? null,
    paths: [],
    policies: [],
    assumptions: [
      ...notesTouched(loaded.notes, found?.walked?.paths ?? [], source, destination),
      ...(found?.notes ?? []),
    ].map(bareNote),
    stats: found?.walked?.stats ?? none,
  };
}

/** Without what a note is about, which served to choose it. */
export function bareNote({ code, message }: AssumptionView): AssumptionView {
  return { code, message };
}
