/** One path of an answer out of the client's connection, the proxy's decision, and the proxy's own connections. */
import type { Symptom } from '../../explain/codes/entry.ts';
import type { ReasonCode } from '../../explain/codes.ts';
import type { Place } from '../../explain/context.ts';
import type { Phrase } from '../../explain/language.ts';
import type { OriginView } from '../../explain/origin-view.ts';
import type { PathVerdict } from '../../explain/verdict.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { Fraction } from '../../lib/fraction.ts';
import type { BlameView, HopView, HttpView, PathView, StatsView, StepView } from '../trace.ts';

/** What the proxy did with the request. */
export type HttpStep = {
  readonly place: Place;
  readonly netns: NetnsId;
  readonly view: HttpView;
  readonly origin: OriginView | null;
};

/** How the conversation ends, seen from the client. */
export type Outcome = {
  readonly verdict: PathVerdict;
  readonly code: ReasonCode | null;
  readonly symptom: Symptom;
  readonly summary: Phrase;
  readonly blame: BlameView | null;
};

/**
 * @param tries connections of the proxy, one after the other: only the last can have been delivered
 * @param probability of the whole: of the first connection, the choice of the backend, and the tries
 */
export function joinPaths(
  first: PathView,
  http: HttpStep,
  tries: readonly PathView[],
  outcome: Outcome,
  probability: Fraction,
): PathView {
  const last = tries.at(-1);
  const withSteps = first.hops.length > 0;
  const step = withSteps ? [hopOf(first, http)] : [];
  return {
    ...first,
    probability,
    verdict: outcome.verdict,
    code: outcome.code,
    symptom: outcome.symptom,
    backend: last === undefined ? first.backend : (last.backend ?? backendOf(http)),
    sourceSeen: last === undefined ? first.sourceSeen : last.sourceSeen,
    policySaw: last === undefined ? first.policySaw : last.policySaw,
    hops: [...first.hops, ...step, ...tries.flatMap(({ hops }) => hops)],
    answer: null,
    reply: first.reply === null ? null : { ...first.reply, hops: [...(last?.reply?.hops ?? []), ...first.reply.hops] },
    outcome: { verdict: outcome.verdict, code: outcome.code, summary: outcome.summary, blame: outcome.blame },
    presumed: [...first.presumed, ...tries.flatMap(({ presumed }) => presumed)],
    stats: [first, ...tries].map(({ stats }) => stats).reduce(addStats),
    http: http.view,
  };
}

function addStats(a: StatsView, b: StatsView): StatsView {
  return { rulesExamined: a.rulesExamined + b.rulesExamined, chainsEntered: a.chainsEntered + b.chainsEntered };
}

function backendOf({ view }: HttpStep): PathView['backend'] {
  return view.endpoint;
}

function hopOf(first: PathView, { place, netns, view, origin }: HttpStep): HopView {
  return {
    node: place.machine,
    netns,
    inside: place.inside ?? null,
    device: null,
    steps: [stepOf(first, view, origin)],
  };
}

function stepOf(first: PathView, view: HttpView, origin: OriginView | null): StepView {
  const before = first.hops.at(-1)?.steps.at(-1)?.before;
  const to =
    view.service === null ? '' : ` -> Service ${view.service}${view.endpoint === null ? '' : printEndpoint(view)}`;
  return {
    phase: 'http',
    ...{ hook: null, table: null, chain: null, event: null, number: null, after: null, device: null, receiver: null },
    rule: view.rule,
    action: `${view.method} ${view.url}${to}${view.status === null ? '' : ` => ${view.status}`}`,
    before: before ?? {
      src: '',
      dst: '',
      protocol: 'tcp',
      sport: null,
      dport: null,
      ttl: 0,
      mark: null,
      note: '',
      inner: null,
    },
    origin,
    chains: [],
    level: 0,
    blamed: view.status !== null && view.status >= 400,
  };
}

function printEndpoint({ endpoint }: HttpView): string {
  if (endpoint === null) return '';
  const ip = endpoint.ip.includes(':') ? `[${endpoint.ip}]` : endpoint.ip;
  return ` (${endpoint.pod ?? 'endpoint'} ${ip}:${endpoint.port ?? ''})`;
}
