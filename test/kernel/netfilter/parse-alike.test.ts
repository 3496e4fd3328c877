import { describe, expect, it } from 'vitest';
import type { Match } from '../../../src/kernel/netfilter/match.ts';
import { parseAlike } from '../../../src/kernel/netfilter/parse-alike.ts';
import { type ParseRuleOptions, parseRule } from '../../../src/kernel/netfilter/parse-rule.ts';
import type { Rule } from '../../../src/kernel/netfilter/ruleset.ts';
import type { OriginId } from '../../../src/kernel/origin.ts';
import { brand } from '../../../src/lib/brand.ts';

const OPTIONS: ParseRuleOptions = { family: 4, isChain: (name) => name.startsWith('cali-'), chain: 'cali-tw-1' };

function printed({ matches, target, origin }: Rule): unknown {
  return { words: [...matches.map((match) => match.print()), target.print()], origin, standard: target.standard };
}

const isTest = ({ name }: Match): boolean => name !== 'comment';
const words = (matches: readonly Match[]): readonly string[] => matches.map((match) => match.print());

describe('a rule like another', () => {
  it.each([
    '-m comment --comment a -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT',
    '-m comment --comment a --jump MARK --set-mark 0/0x10000',
    '-m comment --comment a -m comment --comment b -m mark --mark 0/0x20000 --jump DROP',
    '-m comment --comment a -p tcp -m multiport --destination-ports 80 --jump cali-pi-x',
    '-m comment --comment a --goto cali-pi-x',
    '-m comment --comment a -p tcp --dport 80 -m comment --comment behind --jump RETURN',
    '-m comment --comment a -s 10.0.0.0/8 -m set --match-set x dst --jump ACCEPT',
    '-m comment --comment a -m statistic --mode nth --every 2 --packet 0 --jump ACCEPT',
    '-m comment --comment a -m limit --limit 1/s --jump ACCEPT',
    '-m comment --comment a',
    '-p udp --dport 53 --jump ACCEPT',
  ])('%s is what it is when it is read alone', (text) => {
    for (const name of ['one', 'two', 'three']) {
      const args = text.split(' ').map((word) => (word === 'a' ? name : word));
      const spec = { args, origin: brand<OriginId>(1) };
      const rule = parseAlike(spec, OPTIONS);
      expect(printed(rule)).toEqual(printed(parseRule(spec, OPTIONS)));
      expect(words((rule.tests ?? rule.matches).filter(isTest))).toEqual(words(rule.matches.filter(isTest)));
    }
  });

  it('shares its matches and its target, and keeps the comment and the origin', () => {
    const read = (text: string) =>
      parseAlike({ args: ['-m', 'comment', '--comment', text, '-m', 'mark', '--mark', '7', '-j', 'ACCEPT'] }, OPTIONS);
    const [, second, third] = [read('a'), read('b'), read('c')];
    expect(third?.target).toBe(second?.target);
    expect(third?.matches[1]).toBe(second?.matches[1]);
    expect(third?.matches[0]?.print()).toBe('-m comment --comment c');
  });

  it('with a memory has it for itself', () => {
    const args = ['-m', 'comment', '--comment', 'x', '-m', 'limit', '--limit', '1/s', '-j', 'ACCEPT'];
    expect(parseAlike({ args }, OPTIONS).matches[1]).not.toBe(parseAlike({ args }, OPTIONS).matches[1]);
  });

  it('is read anew where its target is no chain of the table, or its chain is a hook', () => {
    const args = ['-m', 'comment', '--comment', 'x', '-o', 'eth0', '-j', 'cali-y'];
    parseAlike({ args }, OPTIONS);
    parseAlike({ args }, OPTIONS);
    expect(() => parseAlike({ args }, { ...OPTIONS, chain: 'INPUT' })).toThrow('-o cannot stand in chain INPUT');
    expect(() => parseAlike({ args }, { ...OPTIONS, isChain: () => false })).toThrow('no chain or target is named');
  });
});
