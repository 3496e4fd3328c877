import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, fraction, ONE, toNumber, ZERO } from '../../../src/lib/fraction.ts';
import { attempts } from '../../../src/query/http/upstream.ts';
import type { PathView } from '../../../src/query/trace.ts';
import { ask, load } from '../../seeds/support.ts';

const [template] = ask(load('calico-ipip'), 'pod1', 'pod2:80').paths;

function path(verdict: 'delivered' | 'dropped', probability = ONE): PathView {
  if (template === undefined) throw new Error('the question has a path');
  return { ...template, probability, outcome: { ...template.outcome, verdict } };
}

function tried(endpoints: readonly ('good' | 'bad')[], start: number): string {
  return attempts(endpoints, start, ONE, (each) => [path(each === 'good' ? 'delivered' : 'dropped')])
    .map(({ tries, delivered }) => `${tries.length} ${delivered ? 'delivered' : 'failed'}`)
    .join(', ');
}

describe('a proxy tries endpoints', () => {
  it.each<readonly [row: string, endpoints: readonly ('good' | 'bad')[], start: number, expected: string]>([
    ['one that answers is enough', ['good', 'bad'], 0, '1 delivered'],
    ['the next one where the first is silent', ['bad', 'good'], 0, '2 delivered'],
    ['around the end of the list', ['good', 'bad'], 1, '2 delivered'],
    ['three at most', ['bad', 'bad', 'bad', 'good'], 0, '3 failed'],
    ['each once', ['bad', 'bad'], 0, '2 failed'],
  ])('%s', (_, endpoints, start, expected) => {
    expect(tried(endpoints, start)).toBe(expected);
  });

  it('and the chances of all ways add up to 1', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), fc.nat(5), (shares, start) => {
        const ways = attempts(shares, start % shares.length, ONE, (share) => [
          ...(share === 0 ? [] : [path('delivered', fraction(share, 3))]),
          ...(share === 3 ? [] : [path('dropped', fraction(3 - share, 3))]),
        ]);
        expect(toNumber(ways.reduce((sum, { probability }) => add(sum, probability), ZERO))).toBe(1);
      }),
    );
  });
});
