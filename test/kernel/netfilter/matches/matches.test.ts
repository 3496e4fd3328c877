/** Every match module: which packet it takes. Every form of every option is in ../rule-rows.ts. */
import { describe, expect, it } from 'vitest';
import { MATCHES } from '../../../../src/kernel/netfilter/matches/index.ts';
import { fakeEnv } from '../fake-env.ts';
import { reprint, ruleOf } from '../parse.ts';
import { MATCH_ROWS } from './rows/index.ts';

describe('matches', () => {
  it.each(MATCH_ROWS)('$name: $rule', ({ rule, family = 4, env = {}, result }) => {
    const { matches } = ruleOf(rule, family);
    const asked = [false, true].map((happens) => {
      const fake = fakeEnv({ ...env, happens });
      const hit = matches.every((match) => match.test(fake));
      return { hit, unknown: fake.asked.some((chance) => chance.kind === 'unknown') };
    });
    if (result === 'unknown')
      expect(asked).toEqual([
        { hit: false, unknown: true },
        { hit: true, unknown: true },
      ]);
    else expect(asked).toEqual([false, true].map(() => ({ hit: result === 'hit', unknown: false })));
  });

  it.each(MATCH_ROWS)('prints what it reads: $rule', ({ rule, family = 4 }) => {
    const printed = reprint(rule, family);
    expect(reprint(printed, family)).toBe(printed);
  });

  it('has rows for both outcomes of every module', () => {
    const missing = MATCHES.flatMap(({ name }) => {
      const results = new Set(
        MATCH_ROWS.filter(({ rule }) => rule.includes(`-m ${name} `) || rule.endsWith(`-m ${name}`)).map(
          ({ result }) => result,
        ),
      );
      const either = results.has('hit') && results.has('miss');
      const constant: readonly string[] = [
        'comment',
        'nfacct',
        'string',
        'time',
        'ipvs',
        'limit',
        'frag',
        'rt',
        'hbh',
        'dst',
      ];
      return either || (constant.includes(name) && results.size > 0) ? [] : [name];
    });
    expect(missing).toEqual([]);
  });

  it('is listed once and in order', () => {
    const names = MATCHES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(Object.isFrozen(MATCHES)).toBe(true);
  });

  it('says that rules with these matches need connection tracking', () => {
    const needing = MATCH_ROWS.filter(({ rule, family }) =>
      ruleOf(rule, family).matches.some((match) => match.needsConntrack),
    );
    expect(new Set(needing.map(({ rule }) => /-m (\w+)/.exec(rule)?.[1]))).toEqual(
      new Set(['conntrack', 'connmark', 'state']),
    );
  });

  it('says which matches remember or gamble', () => {
    const changing = MATCH_ROWS.filter(({ rule, family }) =>
      ruleOf(rule, family).matches.some((match) => match.volatile),
    );
    expect(new Set(changing.map(({ rule }) => /-m (\w+)/.exec(rule)?.[1]))).toEqual(
      new Set(['hashlimit', 'limit', 'recent', 'statistic', 'time']),
    );
  });
});
