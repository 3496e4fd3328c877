/** The answer to a question whose packet was never sent: the name has no address, nobody is there to send it. */
import { CODES, type ReasonCode } from '../explain/codes.ts';
import { type Phrase, phrase } from '../explain/language.ts';
import { ZERO } from '../lib/fraction.ts';
import type { DestinationEndpoint, SourceEndpoint } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import type { LookUp } from './look-up.ts';
import { notesTouched } from './notes-touched.ts';
import type { Query } from './query.ts';
import { queryHead } from './query-head.ts';
import type { AssumptionView, StatsView, Trace } from './trace.ts';

type Why = {
  readonly code: ReasonCode;
  readonly values: Phrase['values'];
  readonly verdict: 'dropped' | 'undetermined';
  /** The look-up, which may have walked a query of its own. */
  readonly found: LookUp | undefined;
};

/** `notes` are those of the input; the ones that the ends or the look-up touch are kept. */
export function unsentTrace(
  query: Query,
  { source, destination }: { readonly source: SourceEndpoint; readonly destination: DestinationEndpoint },
  notes: Loaded['notes'],
  { code, values, verdict, found }: Why,
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
    assumptions: [...notesTouched(notes, found?.walked?.paths ?? [], source, destination), ...(found?.notes ?? [])].map(
      bareNote,
    ),
    stats: found?.walked?.stats ?? none,
  };
}

/** Without what a note is about, which served to choose it. */
export function bareNote({ code, message }: AssumptionView): AssumptionView {
  return { code, message };
}
