import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesConstant } from '../../../src/kernel/nftables/constant.ts';
import { ElementIndex } from '../../../src/kernel/nftables/element-index.ts';
import type { Constant, Value } from '../../../src/kernel/nftables/expression.ts';

const PORT = 64;
/** Few addresses and ports, so that elements and packets meet. */
const address = fc.integer({ min: 0x0a000000, max: 0x0a000040 });
const port = fc.integer({ min: 0, max: PORT });
const range = (of: fc.Arbitrary<number>): fc.Arbitrary<Constant> =>
  fc
    .tuple(of, of)
    .map(([a, b]) =>
      a === b ? { kind: 'value', value: a } : { kind: 'range', first: Math.min(a, b), last: Math.max(a, b) },
    );
const addressPart: fc.Arbitrary<Constant> = fc.oneof(
  address.map((value): Constant => ({ kind: 'value', value })),
  fc.tuple(address, fc.integer({ min: 24, max: 31 })).map(
    ([value, bits]): Constant => ({
      kind: 'prefix',
      value: Math.floor(value / 2 ** (32 - bits)) * 2 ** (32 - bits),
      bits,
    }),
  ),
  range(address),
);
const namePart: fc.Arbitrary<Constant> = fc.oneof(
  fc.constantFrom('eth0', 'eth1', 'cali1').map((value): Constant => ({ kind: 'value', value })),
  fc.constantFrom('eth', 'cali', 'c').map((start): Constant => ({ kind: 'wildcard', start })),
);
const key = fc.tuple(addressPart, range(port), namePart);
const probe: fc.Arbitrary<readonly Value[]> = fc.tuple(address, port, fc.constantFrom('eth0', 'eth1', 'cali1', 'lo'));

it('the index finds an element where one has the key, and only one that has it', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 12 }), fc.array(probe, { maxLength: 12 }), (keys, probes) => {
      const elements = keys.map((each) => ({ key: each }));
      const index = new ElementIndex(elements, ['ipv4_addr', 'inet_service', 'ifname']);
      const has = (element: { readonly key: readonly Constant[] }, values: readonly Value[]) =>
        element.key.every((part, i) => matchesConstant(values[i] ?? '', part));
      for (const values of probes) {
        const found = index.find(values);
        expect(found !== undefined).toBe(elements.some((element) => has(element, values)));
        if (found !== undefined) expect(has(found, values)).toBe(true);
      }
    }),
  );
});

it('the catch-all element is for what no other element has', () => {
  const any = { key: [{ kind: 'any' }] } as const;
  const eighty = { key: [{ kind: 'value', value: 80 }] } as const;
  const index = new ElementIndex<{ readonly key: readonly Constant[] }>([any, eighty], ['inet_service']);
  expect(index.find([80])).toBe(eighty);
  expect(index.find([81])).toBe(any);
});

it('ranges in many fields do not fill the memory', () => {
  const wide: Constant = { kind: 'range', first: 1, last: 65_534 };
  const element = { key: [wide, wide, wide, wide] };
  const index = new ElementIndex([element], ['inet_service', 'inet_service', 'inet_service', 'inet_service']);
  expect(index.find([1, 2, 3, 65_534])).toBe(element);
  expect(index.find([1, 2, 3, 65_535])).toBeUndefined();
});

it('IPv6 addresses are found by prefix and by range', () => {
  const prefix = { key: [{ kind: 'prefix', value: 0xfd00n << 112n, bits: 16 }] } as const;
  const span = { key: [{ kind: 'range', first: 5n, last: 9n }] } as const;
  const index = new ElementIndex<{ readonly key: readonly Constant[] }>([prefix, span], ['ipv6_addr']);
  expect(index.find([(0xfd00n << 112n) + 7n])).toBe(prefix);
  expect(index.find([7n])).toBe(span);
  expect(index.find([10n])).toBeUndefined();
});
