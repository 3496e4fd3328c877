import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, complement, type Fraction, fraction, multiply, ONE, toNumber, ZERO } from '../../src/lib/fraction.ts';

const anyFraction = fc
  .tuple(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([n, d]) => fraction(n, d));
const probability = fc.integer({ min: 1, max: 1_000_000 }).chain((d) => fc.nat({ max: d }).map((n) => fraction(n, d)));
const value = ({ numerator, denominator }: Fraction): string => `${numerator}/${denominator}`;

describe('fractions', () => {
  it.each([
    [fraction(2, 4), '1/2'],
    [fraction(0, 7), '0/1'],
    [fraction(6n, 3n), '2/1'],
    [fraction(5), '5/1'],
  ])('are kept in lowest terms', (actual, expected) => {
    expect(value(actual)).toBe(expected);
  });

  it('add up without an error', () => {
    expect(add(fraction(1, 3), fraction(1, 6))).toEqual(fraction(1, 2));
    expect(Array.from({ length: 10 }, () => fraction(1, 10)).reduce(add, ZERO)).toEqual(ONE);
  });

  it('follow the laws of arithmetic', () => {
    fc.assert(
      fc.property(anyFraction, anyFraction, anyFraction, (a, b, c) => {
        expect(add(a, b)).toEqual(add(b, a));
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(multiply(a, ONE)).toEqual(a);
        expect(add(a, ZERO)).toEqual(a);
        expect(multiply(a, ZERO)).toEqual(ZERO);
      }),
    );
  });

  it('and their complements make one', () => {
    fc.assert(
      fc.property(probability, (p) => {
        expect(add(p, complement(p))).toEqual(ONE);
      }),
    );
  });

  it('of a split are one, however deep it is', () => {
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 12 }), (choices) => {
        let left = ONE;
        const parts = choices.map((p) => {
          const part = multiply(left, p);
          left = multiply(left, complement(p));
          return part;
        });
        expect(add(parts.reduce(add, ZERO), left)).toEqual(ONE);
      }),
    );
  });

  it('become numbers only to be printed', () => {
    expect([toNumber(fraction(1, 4)), toNumber(ZERO), toNumber(ONE)]).toEqual([0.25, 0, 1]);
  });
});
