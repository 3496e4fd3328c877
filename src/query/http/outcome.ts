/** How conversations behind a proxy end, one by one and together. */

import type { Symptom } from '../../explain/codes/entry.ts';
import { CODES } from '../../explain/codes.ts';
import { type Phrase, phrase } from '../../explain/language.ts';
import { partPhrase } from '../../explain/notes/say-note.ts';
import { SUMMARY_WORDS } from '../../explain/summary.ts';
import type { Verdict } from '../../explain/verdict.ts';
import { add, toNumber, ZERO } from '../../lib/fraction.ts';
import { printShare } from '../answer-probe.ts';
import type { BlameView, PathView, Trace } from '../trace.ts';
import type { HttpStep, Outcome } from './join-paths.ts';

export function delivered(summary: Phrase): Outcome {
  return { verdict: 'delivered', code: null, symptom: 'connected', summary, blame: null };
}

/** 504 where the proxy waited in vain, 502 where it was turned away (ngx_http_upstream_finalize_request()). */
export function statusOf({ outcome, symptom }: PathView): 502 | 504 {
  return outcome.verdict === 'dropped' && (symptom === 'timeout' || symptom === 'hangs') ? 504 : 502;
}

const SYMPTOMS: ReadonlyMap<number, Symptom> = new Map([
  [403, 'http-403'],
  [404, 'http-404'],
  [500, 'http-500'],
  [502, 'http-502'],
  [503, 'http-503'],
  [504, 'http-504'],
]);

export function symptomOf(status: number): Symptom {
  return SYMPTOMS.get(status) ?? 'http-500';
}

export function blameOf({ place, view, origin }: HttpStep): BlameView {
  return { node: place.machine, device: null, hook: null, table: null, chain: null, rule: view.rule, origin };
}

/** @param missing what is not known and decides */
export function httpResult(
  first: Trace['result'],
  paths: readonly PathView[],
  missing: string | undefined,
): Trace['result'] {
  const good = paths.filter(({ outcome }) => outcome.verdict === 'delivered');
  const deliveredShare = good.reduce((sum, { probability }) => add(sum, probability), ZERO);
  if (first.verdict === 'undetermined') return first;
  if (missing !== undefined) {
    const summary = phrase(CODES.MODEL_UNSUPPORTED.summary, { missing: partPhrase(missing) });
    return {
      verdict: 'undetermined',
      code: 'MODEL_UNSUPPORTED',
      symptom: 'timeout',
      summary,
      blame: null,
      deliveredShare,
    };
  }
  const shown = worst(paths) ?? paths[0];
  const verdicts = new Set(paths.map(({ outcome }) => outcome.verdict));
  const verdict: Verdict = verdicts.size === 1 ? ([...verdicts][0] ?? 'undetermined') : 'mixed';
  const inner = shown?.outcome.summary ?? phrase(SUMMARY_WORDS.nothing);
  const words = deliveredShare.numerator === 0n ? SUMMARY_WORDS.mixedNone : SUMMARY_WORDS.mixed;
  return {
    verdict,
    code: shown?.outcome.code ?? null,
    symptom: shown?.symptom ?? 'timeout',
    summary: verdict === 'mixed' ? phrase(words, { share: printShare(deliveredShare), inner }) : inner,
    blame: shown?.outcome.blame ?? null,
    deliveredShare,
  };
}

/** The likeliest path that failed, the first among equals. */
function worst(paths: readonly PathView[]): PathView | undefined {
  return paths
    .filter(({ outcome }) => outcome.verdict !== 'delivered')
    .reduce<PathView | undefined>(
      (best, path) => (best === undefined || toNumber(path.probability) > toNumber(best.probability) ? path : best),
      undefined,
    );
}
