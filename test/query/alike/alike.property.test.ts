/** Answers in which like backends are walked once, against answers in which every branch was walked, on random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../../src/topology/load.ts';
import { Random } from '../../kernel/lab/random.ts';
import { compareAnswers } from './compare.ts';
import { generateAlike, type Mode } from './generate.ts';
import { questionsTo } from './questions.ts';

const MODES: readonly Mode[] = ['iptables', 'ipvs', 'nftables'];

function compareAll(seed: number, mode: Mode): { readonly twins: number; readonly differences: readonly string[] } {
  const random = new Random(seed);
  const files = generateAlike(random, mode).map((document, i) => ({
    file: `${i}.json`,
    text: JSON.stringify(document),
  }));
  const loaded = loadTopology(files);
  // Not everything that a node may have goes together.
  if (!loaded.ok) return { twins: 0, differences: [] };
  const found = questionsTo(loaded.value, random).map((query) => {
    const { twins, differences } = compareAnswers(loaded.value, query);
    return { twins, differences: differences.map((words) => `${JSON.stringify(query)} ${words}`) };
  });
  return {
    twins: found.reduce((sum, { twins }) => sum + twins, 0),
    differences: found.flatMap(({ differences }) => differences),
  };
}

describe.each(MODES)('%s: every path is told as if it had been walked', (mode) => {
  it('on random clusters', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(compareAll(seed, mode).differences).toEqual([]);
      }),
      { numRuns: 3 },
    );
  }, 60_000);

  it('and many are not walked', () => {
    const found = [0, 12, 15].map((seed) => compareAll(seed, mode));
    expect(found.flatMap(({ differences }) => differences)).toEqual([]);
    expect(found.reduce((sum, { twins }) => sum + twins, 0)).toBeGreaterThan(20);
  }, 60_000);
});
