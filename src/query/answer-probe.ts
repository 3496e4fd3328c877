/** From the paths of one probe to the answer: verdict, code, blame, backends. Nothing here walks packets. */
import type { Cause } from '../explain/classify.ts';
import type { ReasonCode } from '../explain/codes.ts';
import { CODES } from '../explain/codes.ts';
import type { Asked, ExplainContext } from '../explain/context.ts';
import { explainPath, type PathExplanation } from '../explain/explain-path.ts';
import { type Phrase, phrase } from '../explain/language.ts';
import { partPhrase } from '../explain/notes/say-note.ts';
import { SUMMARY_WORDS } from '../explain/summary.ts';
import { combineVerdicts, shareOf, type Verdict } from '../explain/verdict.ts';
import type { Path } from '../kernel/walk/step.ts';
import { type Fraction, toNumber } from '../lib/fraction.ts';
import { type ViewOptions, viewPath, viewTwin } from './path-view.ts';
import type { PathView, StatsView, Trace } from './trace.ts';

export type ProbeAnswer = {
  readonly result: Trace['result'];
  readonly paths: readonly PathView[];
  /** The first path that failed for the reason the result names. */
  readonly failing: PathExplanation | undefined;
  readonly explanations: readonly PathExplanation[];
  readonly stats: StatsView;
};

export type AnswerOptions = ViewOptions & {
  readonly withReply: boolean;
  /** A closer look at a cause. */
  readonly refine?: (cause: Cause) => Cause;
};

/** `paths` must not be empty. Their probabilities may add up to less than 1 when some were filtered out. */
export function answerProbe(
  paths: readonly Path[],
  asked: Asked,
  context: ExplainContext,
  options: AnswerOptions,
): ProbeAnswer {
  const explanations = paths.map((path) => refined(explainPath(path, asked, context, options.withReply), options));
  const views = explanations.map((explanation) => viewPath(explanation, asked, context, options));
  const verdict = combineVerdicts(explanations);
  const at = worst(explanations);
  const decisive = verdict === 'delivered' ? 0 : at;
  const view = views[decisive];
  const deliveredShare = shareOf(explanations.filter((one) => one.verdict === 'delivered').map((one) => one.path));
  return {
    result: resultOf(verdict, views, view, deliveredShare, explanations),
    paths: withTwins(paths, views, context, options),
    failing: verdict === 'delivered' ? undefined : explanations[decisive],
    explanations,
    stats: {
      rulesExamined: most(paths, ({ rulesExamined }) => rulesExamined),
      chainsEntered: most(paths, ({ chainsEntered }) => chainsEntered),
    },
  };
}

function most(paths: readonly Path[], count: (stats: Path['stats']) => number): number {
  let found = 0;
  for (const { stats, twins = [] } of paths) {
    found = Math.max(found, count(stats));
    for (const twin of twins) found = Math.max(found, count(twin.stats));
  }
  return found;
}

/** Every path in its place: those that were walked, and their twins. */
function withTwins(
  paths: readonly Path[],
  views: readonly PathView[],
  context: ExplainContext,
  options: ViewOptions,
): readonly PathView[] {
  if (paths.every(({ twins }) => twins === undefined)) return views;
  const all = paths.flatMap(({ place = 0, twins = [] }, walked) => [
    { place, walked, twin: undefined },
    ...twins.map((twin) => ({ place: twin.place, walked, twin })),
  ]);
  all.sort((a, b) => a.place - b.place);
  const indexes = new Map(all.flatMap(({ walked, twin }, index) => (twin === undefined ? [[walked, index]] : [])));
  return all.flatMap(({ walked, twin }) => {
    const view = views[walked];
    if (view === undefined) return [];
    return [twin === undefined ? view : viewTwin(twin, view, indexes.get(walked) ?? 0, context, options)];
  });
}

function refined(explanation: PathExplanation, { refine }: AnswerOptions): PathExplanation {
  const { cause, request } = explanation;
  if (refine === undefined || cause === undefined) return explanation;
  const closer = refine(cause);
  if (closer === cause) return explanation;
  return { ...explanation, cause: closer, request: request.cause === cause ? { ...request, cause: closer } : request };
}

function resultOf(
  verdict: Verdict,
  views: readonly PathView[],
  view: PathView | undefined,
  deliveredShare: Fraction,
  explanations: readonly PathExplanation[],
): Trace['result'] {
  const inner = view?.outcome.summary ?? phrase(SUMMARY_WORDS.nothing);
  const blame = view?.outcome.blame ?? null;
  const code = view?.outcome.code ?? null;
  const symptom = view?.symptom ?? 'timeout';
  if (verdict === 'undetermined') {
    // Which way it was presumed differs from path to path; what is missing does not.
    const presumed = explanations.flatMap(({ path }) => path.presumed);
    const missing = [...new Set(presumed.map((what) => what.replace(/: (no )?match$/, '')))];
    const unknown = codeOfUnknown(missing);
    const summary = phrase(CODES[unknown].summary, { missing: missing.map(partPhrase) });
    return { verdict, code: unknown, symptom, summary, blame, deliveredShare };
  }
  return {
    verdict,
    code,
    symptom,
    summary: verdict === 'mixed' ? mixedSummary(views, deliveredShare) : inner,
    blame,
    deliveredShare,
  };
}

/** A set, chain or machine that is not in the input, or something that the emulator does not model. */
function codeOfUnknown(missing: readonly string[]): ReasonCode {
  return missing.some((what) => /missing|not known|not given|not in the input|no such/.test(what))
    ? 'MODEL_DATA_MISSING'
    : 'MODEL_UNSUPPORTED';
}

function mixedSummary(views: readonly PathView[], deliveredShare: Fraction): Phrase {
  const reasons = new Map<string, Phrase>();
  for (const { outcome } of views)
    if (outcome.verdict !== 'delivered')
      reasons.set(outcome.code ?? '', reasons.get(outcome.code ?? '') ?? outcome.summary);
  const inner = [...reasons.values()];
  if (deliveredShare.numerator === 0n) return phrase(SUMMARY_WORDS.mixedNone, { inner });
  return phrase(SUMMARY_WORDS.mixed, { share: printShare(deliveredShare), inner });
}

/** `25 %`, `33.3 %`: at most one digit after the point, never rounded to 0 or to everything. */
export function printShare(share: Fraction): string {
  const percent = toNumber(share) * 100;
  const rounded = Math.round(percent * 10) / 10;
  if (percent > 0 && rounded === 0) return '< 0.1 %';
  if (percent < 100 && rounded === 100) return '> 99.9 %';
  return `${rounded} %`;
}

/** The likeliest path that failed, the first among equals. */
function worst(explanations: readonly PathExplanation[]): number {
  let best = -1;
  for (const [index, { verdict, path }] of explanations.entries()) {
    if (verdict === 'delivered') continue;
    const current = explanations[best];
    if (current === undefined || toNumber(path.probability) > toNumber(current.path.probability)) best = index;
  }
  return Math.max(best, 0);
}
