import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printSelector, type Selector, selects } from '../../../src/cluster/policy/selector.ts';
import { parseSelector } from '../../../src/cluster/policy/selector-parse.ts';

function parsed(text: string): Selector {
  const result = parseSelector(text);
  if (!result.ok) throw new Error(result.issues[0]?.message);
  return result.value;
}

describe('canonical text', () => {
  test.each([
    ['', 'all()'],
    ['all( )', 'all()'],
    ["app=='web'", 'app == "web"'],
    ["a == 'x' && b != 'y'", '(a == "x" && b != "y")'],
    ["a=='1'||b=='2'&&c=='3'", '(a == "1" || (b == "2" && c == "3"))'],
    ["(a == 'x') && (b == 'y' && c == 'z')", '(a == "x" && (b == "y" && c == "z"))'],
    ['! has( k8s.io/a )', '!has(k8s.io/a)'],
    ["env in { 'b','a', 'b' }", 'env in {"a", "b"}'],
    ['env not  in {}', 'env not in {}'],
    [`k == 'say "x"'`, `k == 'say "x"'`],
    [
      "name starts with 'a' || name endswith 'b' || name contains 'c'",
      '(name starts with "a" || name ends with "b" || name contains "c")',
    ],
    ["in == 'x'", 'in == "x"'],
  ])('%s is %s', (text, canonical) => {
    expect(printSelector(parsed(text))).toBe(canonical);
  });
});

describe('what is no selector is refused, with the place', () => {
  test.each([
    ["a = 'b'", 'character 3'],
    ['a == b', 'character 6'],
    ['has a', 'character 5'],
    ["(a == 'b'", 'character 10'],
    ["a == 'b' c == 'd'", 'character 10'],
    ["a in {'x' 'y'}", 'character 11'],
    [`${'('.repeat(200)}a == 'b'`, 'too deeply'],
  ])('%s', (text, words) => {
    const result = parseSelector(text);
    expect(result.ok ? '' : result.issues[0]?.message).toContain(words);
  });
});

describe('meaning', () => {
  test.each([
    ["a == 'x'", { a: 'x' }, true],
    ["a == 'x'", {}, false],
    ["a != 'x'", {}, true],
    ["a not in {'x'}", {}, true],
    ["a in {'x'}", { a: 'x' }, true],
    ['a in {}', { a: 'x' }, false],
    ["!a == 'x'", { a: 'y' }, true],
    ['has(a) && !has(b)', { a: '' }, true],
    ["a contains 'b' || a starts with 'z'", { a: 'abc' }, true],
    ["a ends with 'c'", { a: 'abc' }, true],
    ['', {}, true],
  ])('%s of %o: %s', (text, labels, expected) => {
    const values = new Map(Object.entries(labels));
    expect(selects(parsed(text), (label) => values.get(label))).toBe(expected);
  });
});

test('what is printed reads back as the same selector', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9./-]{0,8}$/);
  const value = fc.stringMatching(/^[a-zA-Z0-9 "._-]{0,8}$/);
  const { tree } = fc.letrec<{ tree: Selector }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constant<Selector>({ kind: 'all' }),
      fc.record({ kind: fc.constant('has' as const), label }),
      fc.record({ kind: fc.constantFrom('equal' as const, 'not-equal' as const, 'contains' as const), label, value }),
      fc.record({
        kind: fc.constantFrom('in' as const, 'not-in' as const),
        label,
        values: fc.array(value, { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), operand: tie('tree') }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }));
  fc.assert(
    fc.property(tree, (selector) => {
      const text = printSelector(selector);
      expect(printSelector(parsed(text))).toBe(text);
    }),
  );
});

test.each([
  ['parentheses', `${'('.repeat(100_000)}has(a)${')'.repeat(100_000)}`],
  ['negations', `${'!'.repeat(100_000)}has(a)`],
  ['both in turn', `${'!('.repeat(50_000)}has(a)${')'.repeat(50_000)}`],
])('a selector of very many %s is refused, not followed', (_, text) => {
  const found = parseSelector(text);
  expect(found.ok ? [] : found.issues.map(({ message }) => message.slice(-25))).toEqual([
    expect.stringContaining('it is nested too deeply'),
  ]);
});

test('very many operands are no depth', () => {
  expect(parseSelector(Array.from({ length: 20_000 }, (_, i) => `a${i} == 'b'`).join(' || ')).ok).toBe(true);
});
