/** The JSON of a comparison, schema nettrace/compare/v1: keys in a fixed order, so that equal answers are equal bytes. */

import { type Language, say } from '../explain/language.ts';
import { toNumber } from '../lib/fraction.ts';
import type { Comparison } from '../query/compare/comparison.ts';
import { printSafeJson } from './safe-json.ts';

export function printComparisonJson({ query, modes, differences }: Comparison, language: Language = 'en'): string {
  const json = {
    schema: 'nettrace/compare/v1',
    query: { source: query.source, destination: query.destination, protocol: query.protocol, port: query.port },
    modes: modes.map(({ mode, result, backends, sourceSeen, stats, assumptions }) => ({
      mode,
      verdict: result.verdict,
      code: result.code,
      symptom: result.symptom,
      summary: say(result.summary, language),
      deliveredShare: toNumber(result.deliveredShare),
      backends: backends.map(({ backend, share }) => ({ ...backend, share: toNumber(share) })),
      sourceSeen,
      stats: { rulesExamined: stats.rulesExamined, chainsEntered: stats.chainsEntered },
      assumptions: assumptions.map(({ code, message }) => ({ code, message })),
    })),
    differences,
  };
  return `${printSafeJson(json, 2)}\n`;
}
