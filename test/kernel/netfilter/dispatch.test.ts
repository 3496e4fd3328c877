import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deferRule } from '../../../src/kernel/netfilter/deferred-rule.ts';
import { skippable } from '../../../src/kernel/netfilter/dispatch.ts';
import { parseRule } from '../../../src/kernel/netfilter/parse-rule.ts';
import type { Rule, RuleSpec } from '../../../src/kernel/netfilter/ruleset.ts';
import { ip4 } from '../../../src/net/address.ts';
import { fakeEnv } from './fake-env.ts';

const NETWORKS = ['', '10.0.0.0/24', '10.0.0.1/32', '10.0.0.2/32', '10.0.0.3/32', '10.0.0.4/32'];
const words = fc.record({
  dst: fc.constantFrom(...NETWORKS),
  not: fc.boolean(),
  protocol: fc.constantFrom('', 'tcp', 'udp'),
});

describe('the index of long chains', () => {
  it('rules out only rules that a plain walk would not match, and nothing behind the first that may', () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 32, maxLength: 80 }),
        fc.nat(31),
        fc.integer({ min: 1, max: 5 }),
        (specs, start, last) => {
          const rules = specs.map(({ dst, not, protocol }) => {
            const args = [
              ...(protocol === '' ? [] : ['-p', protocol]),
              ...(dst === '' ? [] : [...(not ? ['!'] : []), '-d', dst]),
              '-j',
              'ACCEPT',
            ];
            return deferRule({ args }, (spec) => parseRule(spec, { family: 4 }));
          });
          const destination = ip4((10 << 24) + last);
          const env = fakeEnv({ packet: { ...fakeEnv({}).packet, dst: destination } });
          const matches = (index: number) => rules[index]?.matches.every((match) => match.test(env)) ?? true;
          const count = skippable(rules, start, destination);
          expect(count).toBeGreaterThanOrEqual(0);
          for (let index = start; index < start + count && index < rules.length; index++)
            expect(matches(index)).toBe(false);
        },
      ),
    );
  });

  it('is used where every rule names another address', () => {
    const rules = Array.from({ length: 100 }, (_, i) =>
      parseRule({ args: ['-d', `10.0.1.${i}/32`, '-j', 'ACCEPT'] }, { family: 4 }),
    );
    expect(skippable(rules, 0, ip4((10 << 24) + 256 + 70))).toBe(70);
    expect(skippable(rules, 71, ip4((10 << 24) + 256 + 70))).toBe(29);
  });

  it('reads the words of a rule for one destination when the rule is looked at', () => {
    let read = 0;
    const parse = (spec: RuleSpec): Rule => {
      read++;
      return parseRule(spec, { family: 4 });
    };
    const rules = Array.from({ length: 100 }, (_, i) =>
      deferRule({ args: ['-d', `10.0.1.${i}/32`, '-j', 'ACCEPT'] }, parse),
    );
    expect(skippable(rules, 0, ip4((10 << 24) + 256 + 70))).toBe(70);
    expect(read).toBe(0);
    expect(rules[70]?.matches[0]?.print()).toBe('-d 10.0.1.70/32');
    expect(read).toBe(1);
  });

  it.each([
    ['a network', ['-d', '10.0.1.0/24']],
    ['an inverted address', ['!', '-d', '10.0.1.1/32']],
    ['an address of neither length', ['-d', '10.0.1.1/128']],
    ['no destination', ['-s', '10.0.1.1/32']],
  ])('reads a rule for %s at once', (_, args) => {
    let read = 0;
    deferRule({ args }, (spec) => {
      read++;
      return {
        ...parseRule({ args: [] }, { family: 4 }),
        ...(spec.origin === undefined ? {} : { origin: spec.origin }),
      };
    });
    expect(read).toBe(1);
  });

  it('is not used in short chains', () => {
    const rules = Array.from({ length: 31 }, (_, i) =>
      parseRule({ args: ['-d', `10.0.1.${i}/32`, '-j', 'ACCEPT'] }, { family: 4 }),
    );
    expect(skippable(rules, 0, ip4(1))).toBe(0);
  });
});
