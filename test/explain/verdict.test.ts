import { describe, expect, it } from 'vitest';
import { combineVerdicts, type PathVerdict, shareOf } from '../../src/explain/verdict.ts';
import type { Choice } from '../../src/kernel/walk/step.ts';
import { fraction } from '../../src/lib/fraction.ts';
import { choice, delivered, POD2, path, tcp } from './walk-fixture.ts';

const packet = tcp('10.0.0.1', '10.0.0.2');
const half = fraction(1, 2);

function judged(verdict: PathVerdict, ...choices: readonly Choice[]) {
  return {
    verdict,
    path: path(delivered([], packet, POD2), { kind: 'connected', ttl: 64, from: packet.dst }, { choices, share: half }),
  };
}

describe('the verdict of all paths', () => {
  it('is theirs where all are alike', () => {
    expect(combineVerdicts([judged('dropped', choice('a', half)), judged('dropped', choice('b', half))])).toBe(
      'dropped',
    );
  });

  it('is mixed where chance makes the difference', () => {
    expect(combineVerdicts([judged('delivered', choice('a', half)), judged('dropped', choice('b', half))])).toBe(
      'mixed',
    );
  });

  it('is undetermined where the unknown makes the difference', () => {
    expect(
      combineVerdicts([
        judged('delivered', choice('match', undefined)),
        judged('dropped', choice('no match', undefined)),
      ]),
    ).toBe('undetermined');
  });

  it('is mixed where the unknown changes nothing and chance does', () => {
    const paths = (['a', 'b'] as const).flatMap((backend) =>
      ['match', 'no match'].map((unknown) =>
        judged(backend === 'a' ? 'delivered' : 'dropped', choice(backend, half), choice(unknown, undefined)),
      ),
    );
    expect(combineVerdicts(paths)).toBe('mixed');
  });

  it('is undetermined where the unknown decides behind one backend', () => {
    const paths = [
      judged('delivered', choice('a', half)),
      judged('delivered', choice('b', half), choice('match', undefined)),
      judged('dropped', choice('b', half), choice('no match', undefined)),
    ];
    expect(combineVerdicts(paths)).toBe('undetermined');
  });

  it('shares add up exactly', () => {
    const third = fraction(1, 3);
    const paths = [1, 2, 3].map(() => path(delivered([], packet, POD2), { kind: 'silence' }, { share: third }));
    expect(shareOf(paths)).toEqual(fraction(1));
  });
});
