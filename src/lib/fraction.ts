/**
 * An exact non-negative rational number in lowest terms. Probabilities of paths are fractions, so that they add up to
 * exactly 1; they become floating point only when they are printed.
 */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint };

export const ONE: Fraction = { numerator: 1n, denominator: 1n };
export const ZERO: Fraction = { numerator: 0n, denominator: 1n };

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** numerator / denominator in lowest terms; the denominator must be positive. */
export function fraction(numerator: bigint | number, denominator: bigint | number = 1n): Fraction {
  const n = BigInt(numerator);
  const d = BigInt(denominator);
  const g = gcd(n, d);
  return g === 0n ? ZERO : { numerator: n / g, denominator: d / g };
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

/** 1 - a */
export function complement(a: Fraction): Fraction {
  return fraction(a.denominator - a.numerator, a.denominator);
}

export function toNumber(a: Fraction): number {
  return Number(a.numerator) / Number(a.denominator);
}
