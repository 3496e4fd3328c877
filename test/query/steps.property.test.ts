/** Answers for which few rules were recorded, against answers that tell every step, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerQuery } from '../../src/query/answer-query.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { Random } from '../kernel/lab/random.ts';
import { generateAlike, type Mode } from './alike/generate.ts';
import { questionsTo } from './alike/questions.ts';
import { withoutSteps } from './without-steps.ts';

const MODES: readonly Mode[] = ['iptables', 'ipvs', 'nftables'];

describe.each(MODES)('%s', (mode) => {
  it('an answer without steps is the one with steps, but for them', () => {
    let asked = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const loaded = loadTopology(
          generateAlike(random, mode).map((document, i) => ({ file: `${i}.json`, text: JSON.stringify(document) })),
        );
        // Not everything that a node may have goes together.
        if (!loaded.ok) return;
        for (const query of questionsTo(loaded.value, random).slice(0, 20)) {
          const [whole, short] = [true, false].map((steps) =>
            answerQuery(loaded.value, { ...query, steps, allBranches: true }),
          );
          if (whole?.ok !== true || short?.ok !== true) {
            expect(short).toEqual(whole);
            continue;
          }
          expect(withoutSteps(short.value)).toEqual(withoutSteps(whole.value));
          asked++;
        }
      }),
      { numRuns: 4 },
    );
    expect(asked).toBeGreaterThan(0);
  });
});
