import { describe, expect, it } from 'vitest';
import type { Labels, SelectorRequirement } from '../../src/cluster/objects.ts';
import { matchesLabels, matchesRequirement, matchesSelector } from '../../src/cluster/selector.ts';

describe('requirements', () => {
  const rows: readonly (readonly [SelectorRequirement['operator'], readonly string[], Labels, boolean])[] = [
    ['In', ['x', 'y'], { a: 'x' }, true],
    ['In', ['x', 'y'], { a: 'z' }, false],
    ['In', ['x', 'y'], {}, false],
    ['NotIn', ['x', 'y'], { a: 'x' }, false],
    ['NotIn', ['x', 'y'], { a: 'z' }, true],
    ['NotIn', ['x', 'y'], {}, true],
    ['Exists', [], { a: '' }, true],
    ['Exists', [], { b: 'x' }, false],
    ['DoesNotExist', [], { a: '' }, false],
    ['DoesNotExist', [], { b: 'x' }, true],
  ];
  it.each(rows)('a %s %j on %j is %s', (operator, values, labels, expected) => {
    expect(matchesRequirement({ key: 'a', operator, values }, labels)).toBe(expected);
  });
});

describe('selectors', () => {
  it('an empty one matches every label set', () => {
    expect(matchesSelector({ matchLabels: {}, matchExpressions: [] }, {})).toBe(true);
  });
  it('every part must match', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] } as const],
    };
    expect(matchesSelector(selector, { app: 'web' })).toBe(true);
    expect(matchesSelector(selector, { app: 'web', tier: 'db' })).toBe(false);
    expect(matchesSelector(selector, { tier: 'web' })).toBe(false);
  });
  it('inherited properties are no labels', () => {
    expect(matchesRequirement({ key: 'constructor', operator: 'Exists', values: [] }, {})).toBe(false);
    expect(matchesLabels({ toString: 'x' }, {})).toBe(false);
  });
});
