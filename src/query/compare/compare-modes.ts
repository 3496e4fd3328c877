import { toNumber } from '../../lib/fraction.ts';
import { fail, ok, type Result } from '../../lib/result.ts';
import type { Loaded } from '../../topology/load.ts';
import { answerQuery } from '../answer-query.ts';
import { type BackendShare, backendKey, backendShares } from '../backend-shares.ts';
import type { Query } from '../query.ts';
import type { PathView, Trace } from '../trace.ts';
import type { Comparison, Difference, ModeAnswer, ProxyMode } from './comparison.ts';

/** @param worlds the same input, loaded once for each mode; not empty */
export function compareModes(
  worlds: readonly { readonly mode: ProxyMode; readonly loaded: Loaded }[],
  query: Query,
): Result<Comparison> {
  const modes: ModeAnswer[] = [];
  let head: Trace['query'] | undefined;
  for (const { mode, loaded } of worlds) {
    const answer = answerQuery(loaded, query);
    if (!answer.ok) return answer;
    head ??= answer.value.query;
    modes.push(answerIn(mode, answer.value));
  }
  return head === undefined ? fail() : ok({ query: head, modes, differences: differencesOf(modes) });
}

function answerIn(mode: ProxyMode, { result, paths, stats, assumptions }: Trace): ModeAnswer {
  const arrived = paths.filter(({ verdict }) => verdict === 'delivered');
  const sourceSeen = [...new Set(arrived.flatMap(({ sourceSeen: seen }) => seen ?? []))].sort();
  return { mode, result, backends: backendsOf(paths), sourceSeen, stats, assumptions };
}

/** Likeliest first, equal ones by name. */
function backendsOf(paths: readonly PathView[]): readonly BackendShare[] {
  return [...backendShares(paths)].sort(
    (a, b) => toNumber(b.share) - toNumber(a.share) || (backendKey(a.backend) < backendKey(b.backend) ? -1 : 1),
  );
}

/** Each aspect as a text that is equal where a user sees no difference. */
const ASPECTS: Readonly<Record<Difference, (answer: ModeAnswer) => string>> = {
  outcome: ({ result }) => `${result.verdict} ${result.symptom}`,
  backends: ({ backends }) =>
    backends
      .map(({ backend, share }) => `${backendKey(backend)} ${share.numerator}/${share.denominator}`)
      .sort()
      .join(', '),
  sourceSeen: ({ sourceSeen }) => sourceSeen.join(' '),
  rulesExamined: ({ stats }) => String(stats.rulesExamined),
};

const ORDER: readonly Difference[] = ['outcome', 'backends', 'sourceSeen', 'rulesExamined'];

function differencesOf(modes: readonly ModeAnswer[]): readonly Difference[] {
  return ORDER.filter((aspect) => new Set(modes.map(ASPECTS[aspect])).size > 1);
}
