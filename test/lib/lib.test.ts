/** The small modules of src/lib: assert, brand, lazy, nearest, result. */
import { describe, expect, it } from 'vitest';
import { assertNever, BugError, invariant } from '../../src/lib/assert.ts';
import { recordOf } from '../../src/lib/brand.ts';
import { eager, lazy, memoize } from '../../src/lib/lazy.ts';
import { nearest } from '../../src/lib/nearest.ts';
import { collect, fail, issue, ok } from '../../src/lib/result.ts';

describe('assert', () => {
  it('throws a BugError where a condition does not hold', () => {
    expect(() => invariant(false, 'no')).toThrow(BugError);
    expect(() => invariant(true, 'no')).not.toThrow();
  });

  it('names the case that is not handled', () => {
    const never: never[] = JSON.parse('["odd"]');
    expect(() => assertNever(never[0] ?? fails())).toThrow('unhandled case: "odd"');
    function fails(): never {
      throw new Error('the list is empty');
    }
  });
});

describe('recordOf', () => {
  it('shows own properties only', () => {
    const read = recordOf(JSON.parse('{"a": 1, "__proto__": {"b": 2}}'));
    expect([read?.get('a'), read?.get('b'), read?.get('constructor')]).toEqual([1, undefined, undefined]);
    expect([...(read?.keys() ?? [])]).toEqual(['a', '__proto__']);
  });

  it.each([[null], [[1]], ['text'], [5], [undefined]])('refuses %j', (value) => {
    expect(recordOf(value)).toBeUndefined();
  });
});

describe('lazy values', () => {
  it('are computed at the first call and kept, undefined too', () => {
    let calls = 0;
    const value = lazy(() => {
      calls++;
      return undefined;
    });
    expect([calls, value(), value(), calls]).toEqual([0, undefined, undefined, 1]);
    expect(eager(5)()).toBe(5);
  });

  it('are kept by key', () => {
    const asked: string[] = [];
    const length = memoize((key: string) => {
      asked.push(key);
      return key.length;
    });
    expect([length('a'), length('bb'), length('a')]).toEqual([1, 2, 1]);
    expect(asked).toEqual(['a', 'bb']);
  });
});

describe('nearest', () => {
  it.each<readonly [row: string, name: string, candidates: readonly string[], expected: readonly string[]]>([
    ['a letter is wrong', 'ipvz', ['iptables', 'ipvs', 'nftables'], ['ipvs']],
    ['a letter is missing', 'ACEPT', ['DROP', 'ACCEPT'], ['ACCEPT']],
    ['the case is another', 'accept', ['ACCEPT'], ['ACCEPT']],
    ['two letters have changed places', 'tpc', ['udp', 'tcp'], ['tcp']],
    ['nothing is like it', 'completely-else', ['ACCEPT', 'DROP'], []],
    ['a short name is near in one letter', 'ab', ['ac', 'aa', 'ad', 'ae', 'cd'], ['aa', 'ac', 'ad']],
    ['a short name of other letters is a stranger', 'web', ['db', 'api', 'pod', 'we'], ['we']],
    ['two of three letters differ', 'pod', ['job', 'sts'], []],
    ['a long name has a third of its letters wrong', 'paymnt-gatway', ['payment-gateway', 'page'], ['payment-gateway']],
    ['a name is the beginning of others', 'night', ['nightly-28391820-abcde', 'nginx'], ['nightly-28391820-abcde']],
    ['another one is its beginning alone', 'http:ssh', ['http', 'ssh'], []],
    ['the nearer come before those of one beginning', 'web', ['web-frontend', 'wen'], ['wen', 'web-frontend']],
    ['two letters are no beginning', 'we', ['web-frontend'], []],
    ['one name stands twice', 'x', ['x', 'x'], ['x']],
  ])('%s', (_, name, candidates, expected) => {
    expect(nearest(name, candidates)).toEqual(expected);
  });
});

describe('results', () => {
  it('are all values, or all issues', () => {
    expect(collect([ok(1), ok(2)])).toEqual(ok([1, 2]));
    const [a, b] = [issue('a', 'first'), issue('b', 'second', { hint: 'x' })];
    expect(collect([fail(a), ok(1), fail(b)])).toEqual(fail(a, b));
    expect(collect([])).toEqual(ok([]));
  });

  it('have issues that are errors', () => {
    expect(issue('a', 'text', { at: { file: 'f', line: 1, column: 2 } })).toEqual({
      severity: 'error',
      code: 'a',
      message: 'text',
      at: { file: 'f', line: 1, column: 2 },
    });
  });
});
