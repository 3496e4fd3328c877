import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skippable } from '../../../src/kernel/netfilter/dispatch.ts';
import { parseRule } from '../../../src/kernel/netfilter/parse-rule.ts';
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
          const rules = specs.map(({ dst, not, protocol }) =>
            parseRule(
              {
                args: [
                  ...(protocol === '' ? [] : ['-p', protocol]),
                  ...(dst === '' ? [] : [...(not ? ['!'] : []), '-d', dst]),
                  '-j',
                  'ACCEPT',
                ],
              },
              { family: 4 },
            ),
          );
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

  it('is not used in short chains', () => {
    const rules = Array.from({ length: 31 }, (_, i) =>
      parseRule({ args: ['-d', `10.0.1.${i}/32`, '-j', 'ACCEPT'] }, { family: 4 }),
    );
    expect(skippable(rules, 0, ip4(1))).toBe(0);
  });
});
