/** Matches that remember what they saw, and those that gamble: sequences of packets. */
import { describe, expect, it } from 'vitest';
import { probabilityOf } from '../../../../src/kernel/netfilter/matches/statistic.ts';
import { StateSlots } from '../../../../src/kernel/netfilter/state.ts';
import { complement, type Fraction, fraction, multiply, ONE } from '../../../../src/lib/fraction.ts';
import { type FakeOptions, fakeEnv, tcp } from '../fake-env.ts';
import { reprint, ruleOf } from '../parse.ts';

/** Asks the rules, one after another, about packets at the given seconds; `+` for a hit and `-` for a miss. */
function outcomes(rules: readonly string[], packets: readonly (FakeOptions & { readonly second?: number })[]): string {
  const parsed = rules.map((rule) => ruleOf(rule));
  const state = new StateSlots();
  return packets
    .map(({ second = 0, ...options }) => {
      const env = fakeEnv({ ...options, state, now: second * 1000 });
      return parsed.map((rule) => (rule.matches.every((match) => match.test(env)) ? '+' : '-')).join('');
    })
    .join(' ');
}

const times = (n: number): readonly FakeOptions[] => Array.from({ length: n }, () => ({}));
const at = (...seconds: readonly number[]) => seconds.map((second) => ({ second }));
const from = (...sources: readonly string[]) => sources.map((src) => ({ packet: tcp({ src }) }));

describe('statistic --mode nth', () => {
  it.each([
    ['-m statistic --mode nth --every 3 --packet 0', '+ - - + - - +'],
    ['-m statistic --mode nth --every 4 --packet 2', '- - + - - - +'],
    ['-m statistic --mode nth ! --every 3 --packet 0', '- + + - + + -'],
    ['-m statistic --mode nth --every 1 --packet 0', '+ + + + + + +'],
  ])('%s fires %s', (rule, expected) => {
    expect(outcomes([rule], times(7))).toBe(expected);
  });

  it('counts for each rule by itself', () => {
    const rule = '-m statistic --mode nth --every 2 --packet 0';
    expect(outcomes([rule, rule], times(3))).toBe('++ -- ++');
  });

  it('begins anew in every run', () => {
    const rule = ruleOf('-m statistic --mode nth --every 2 --packet 0');
    expect([1, 2].map(() => rule.matches.every((match) => match.test(fakeEnv())))).toEqual([true, true]);
  });
});

describe('statistic --mode random', () => {
  const chanceOf = (rule: string): Fraction | undefined => {
    const env = fakeEnv();
    for (const match of ruleOf(rule).matches) match.test(env);
    const [chance] = env.asked;
    return chance?.kind === 'random' ? chance.probability : undefined;
  };

  it.each([
    ['0.25000000000', fraction(1, 4)],
    ['0.33333333349', fraction(1, 3)],
    ['0.3333333333', fraction(1, 3)],
    ['0.50000000000', fraction(1, 2)],
    ['1.0000000000', ONE],
    ['0.3', fraction(644245094, 2 ** 31)],
    ['0', fraction(0)],
  ])('%s is the fraction it stands for', (text, expected) => {
    expect(chanceOf(`-m statistic --mode random --probability ${text}`)).toEqual(expected);
  });

  it('is the other chance with !', () => {
    expect(chanceOf('-m statistic --mode random ! --probability 0.25')).toEqual(complement(fraction(1, 4)));
  });

  it('gives each of n ways exactly 1/n, as a chain of rules with ten decimals says it', () => {
    for (let n = 1; n <= 300; n++) {
      let left = ONE;
      for (let k = n; k >= 1; k--) {
        const stored = Math.round(Number((1 / k).toFixed(10)) * 2 ** 31);
        expect(multiply(left, probabilityOf(stored))).toEqual(fraction(1, n));
        left = multiply(left, complement(probabilityOf(stored)));
      }
    }
  });

  it('comes to the same chance when it is printed and read back', () => {
    for (let k = 1; k <= 5000; k++) {
      const printed = reprint(`-m statistic --mode random --probability ${(1 / k).toFixed(10)}`);
      expect(reprint(printed)).toBe(printed);
      expect(chanceOf(printed)).toEqual(chanceOf(`-m statistic --mode random --probability ${(1 / k).toFixed(10)}`));
    }
  });

  it('rounds ties to even, as printf does', () => {
    expect(reprint('-m statistic --mode random --probability 0.000244140625')).toContain('0.00024414062');
  });
});

describe('recent', () => {
  const set = '-m recent --set --name a';
  const check = '-m recent --rcheck --seconds 2 --reap --name a';

  it('hits within the seconds, and not afterwards', () => {
    expect(outcomes([check, set], at(0, 1, 3, 5.5))).toBe('-+ ++ ++ -+');
  });

  it('--rcheck does not renew, --update does', () => {
    expect(outcomes(['-m recent --update --seconds 2 --name a'], at(0))).toBe('-');
    const first = [{ second: 0, packet: tcp({ dport: 22 }) }];
    const later = at(1.5, 3, 6).map((packet) => ({ ...packet, packet: tcp() }));
    expect(
      outcomes(
        ['-p tcp --dport 22 -m recent --set --name a', '-m recent --rcheck --seconds 2 --name a'],
        [...first, ...later],
      ),
    ).toBe('++ -+ -- --');
    expect(
      outcomes(
        ['-p tcp --dport 22 -m recent --set --name a', '-m recent --update --seconds 2 --name a'],
        [...first, ...later],
      ),
    ).toBe('++ -+ -+ --');
  });

  it('counts hits', () => {
    expect(outcomes(['-m recent --rcheck --hitcount 3 --name a', set], at(0, 1, 2, 3))).toBe('-+ -+ -+ ++');
  });

  it('--remove forgets', () => {
    expect(outcomes([set, '-m recent --remove --name a', '-m recent --rcheck --name a'], times(1))).toBe('++-');
  });

  it('keeps one list for each name, and tells sources apart by the mask', () => {
    expect(
      outcomes(
        ['-m recent --rcheck --name a', set, '-m recent --rcheck --name b'],
        from('10.0.0.1', '10.0.0.2', '10.0.0.1'),
      ),
    ).toBe('-+- -+- ++-');
    expect(
      outcomes(
        ['-m recent --rcheck --name a --mask 255.255.255.0', '-m recent --set --name a --mask 255.255.255.0'],
        from('10.0.0.1', '10.0.0.2'),
      ),
    ).toBe('-+ ++');
  });

  it('--rdest remembers destinations', () => {
    expect(
      outcomes(
        ['-m recent --rcheck --name a --rdest', '-m recent --set --name a --rdest'],
        from('10.0.0.1', '10.0.0.2'),
      ),
    ).toBe('-+ ++');
  });

  it('--rttl wants the same TTL', () => {
    const packets = [64, 64, 63].map((ttl) => ({ packet: { ...tcp(), ttl } }));
    expect(
      outcomes(['-m recent --rcheck --rttl --name a', '-p tcp --dport 80 -m recent --set --name a'], packets),
    ).toBe('-+ ++ -+');
  });

  it('keeps the last 100 addresses', () => {
    const sources = Array.from({ length: 101 }, (_, i) => `10.0.0.${i + 1}`);
    expect(outcomes(['-m recent --rcheck --name a', set], from(...sources, '10.0.0.1', '10.0.0.101')).slice(-5)).toBe(
      '-+ ++',
    );
  });

  it('--reap forgets the oldest address that is past', () => {
    const rules = ['-m recent --rcheck --name a', set, '-m recent --rcheck --seconds 5 --reap --name a'];
    const packets = [
      { second: 0, packet: tcp({ src: '10.0.0.1' }) },
      { second: 9, packet: tcp({ src: '10.0.0.2' }) },
      { second: 9, packet: tcp({ src: '10.0.0.1' }) },
    ];
    expect(outcomes(rules, packets)).toBe('-++ -++ -++');
  });
});

describe('limit', () => {
  it('lets the burst through, and then one packet for each period', () => {
    expect(outcomes(['-m limit --limit 1/sec --limit-burst 3'], at(0, 0, 0, 0, 1, 1, 2.5, 3))).toBe('+ + + - + - + +');
  });

  it('never saves more than the burst', () => {
    expect(outcomes(['-m limit --limit 1/sec --limit-burst 2'], at(0, 100, 100, 100))).toBe('+ + + -');
  });
});

describe('hashlimit', () => {
  it('counts each flow by itself', () => {
    const rule = '-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name h';
    expect(outcomes([rule], from('10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2'))).toBe('+ - + -');
  });

  it('puts sources of one prefix together', () => {
    const rule =
      '-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name h';
    expect(outcomes([rule], from('10.0.0.1', '10.0.0.2', '10.0.1.1'))).toBe('+ - +');
  });

  it('tells ports and destinations apart where it is asked to', () => {
    const rule =
      '-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-mode srcport,dstip,dstport --hashlimit-name h';
    const packets = [{}, { sport: 1 }, { dport: 1 }, { dst: '10.0.0.9' }, { src: '10.0.0.9' }].map((ends) => ({
      packet: tcp(ends),
    }));
    expect(outcomes([rule], packets)).toBe('+ + + + -');
  });

  it('--hashlimit-above takes what is too much', () => {
    const rule = '-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 2 --hashlimit-name h';
    expect(outcomes([rule], at(0, 0, 0, 1, 1))).toBe('- - + - +');
  });

  it('forgets a flow after its time', () => {
    const rule =
      '-m hashlimit --hashlimit-upto 1/day --hashlimit-burst 1 --hashlimit-name h --hashlimit-htable-expire 5000';
    expect(outcomes([rule], at(0, 4, 10))).toBe('+ - +');
  });

  it('counts bytes', () => {
    const rule = '-m hashlimit --hashlimit-upto 1kb/s --hashlimit-name h';
    expect(outcomes([rule], at(...Array.from({ length: 18 }, () => 0)))).toBe(
      [...Array.from({ length: 16 }, () => '+'), '-', '-'].join(' '),
    );
  });
});
