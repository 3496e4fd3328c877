import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../../src/kernel/route/route.ts';
import { parsePolicyRule, printPolicyRule, printPolicyRules } from '../../../src/kernel/route/rule-text.ts';
import { ip4 } from '../../../src/net/address.ts';
import { maskIp } from '../../../src/net/prefix.ts';

const at = { file: 'lab.yaml', line: 3, column: 5 };

describe('lines as ip rule prints them', () => {
  it.each([
    '0:\tfrom all lookup local',
    '32766:\tfrom all lookup main',
    '32767:\tfrom all lookup default',
    '100:\tfrom all fwmark 0x10 lookup 1000',
    '32765:\tfrom 10.0.0.0/8 to 10.1.0.0/16 fwmark 0x10/0xff iif ens32 lookup 100',
    '200:\tnot from 10.0.0.1 tos 0x10 oif ens32 ipproto tcp sport 1-5 dport 80 lookup main suppress_prefixlength 0',
    '300:\tfrom all unreachable',
    '301:\tfrom 1.2.3.4 blackhole',
    '302:\tfrom all goto 32766',
    '303:\tfrom all nop',
    '304:\tfrom all ipproto ipencap prohibit',
    '305:\tfrom fd00::/64 to fd01::1 ipproto ipv6-icmp lookup 7',
  ])('%s', (line) => {
    const result = parsePolicyRule(line);
    expect(result.ok ? printPolicyRule(result.value) : result.issues).toBe(line);
  });

  it('come by priority, equal ones in their order', () => {
    const rules = ['9:\tfrom all nop', '3:\tfrom all lookup 7', '9:\tfrom 10.0.0.1 nop'].flatMap((line) => {
      const result = parsePolicyRule(line);
      return result.ok ? [result.value] : [];
    });
    expect(printPolicyRules(rules)).toEqual(['3:\tfrom all lookup 7', '9:\tfrom all nop', '9:\tfrom 10.0.0.1 nop']);
  });
});

describe('what people write', () => {
  it.each([
    ['the words of ip rule add', 'fwmark 0x10 table 100 prio 50', '50:\tfrom all fwmark 0x10 lookup 100'],
    ['a device that is gone', '5: from all iif ens32 [detached] lookup main', '5:\tfrom all iif ens32 lookup main'],
  ])('%s', (_, line, printed) => {
    const result = parsePolicyRule(line);
    expect(result.ok ? printPolicyRule(result.value) : result.issues).toBe(printed);
  });

  it('takes the priority that the caller would give', () => {
    expect(parsePolicyRule('from 10.0.0.1 lookup 7', { priority: 32765 })).toMatchObject({
      ok: true,
      value: { priority: 32765 },
    });
  });
});

describe('wrong lines', () => {
  it.each([
    ['from all lookup main', /no priority/],
    ['5: from all', /no action/],
    ['5: form all lookup main', /unknown word "form"/, 'from'],
    ['5: from all lookup mian', /not a table/, 'main'],
    ['5: from 10.0.0.300 lookup main', /not an address/],
    ['5: from all sport 9-3 lookup main', /not a port/],
    ['5: from all fwmark 1/2/3 lookup main', /not a mark/],
    ['5: from all uidrange 1-2 lookup main', /not modelled/],
    ['5: from all nop suppress_prefixlength 0', /needs `lookup/],
  ])('%s', (line, message, hint?: string) => {
    const result = parsePolicyRule(line, { at });
    const [issue] = result.ok ? [] : result.issues;
    expect(issue?.message).toMatch(message);
    expect(issue?.at).toMatchObject({ file: 'lab.yaml', line: 3 });
    if (hint !== undefined) expect(issue?.hint).toContain(hint);
  });
});

describe('reading what was printed', () => {
  const prefix = fc
    .tuple(fc.integer({ min: 1, max: 0xffffffff }), fc.integer({ min: 1, max: 32 }))
    .map(([value, bits]) => ({ addr: maskIp(ip4(value), bits), bits }));
  const device = fc.stringMatching(/^[a-z][a-z0-9]{0,14}$/);
  const ports = fc
    .tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 65535 }))
    .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
  const action: fc.Arbitrary<PolicyRule['action']> = fc.oneof(
    fc.record(
      {
        kind: fc.constant('lookup' as const),
        table: fc.integer({ min: 1, max: 0xffffffff }),
        suppressPrefixLength: fc.integer({ min: 0, max: 32 }),
      },
      { requiredKeys: ['kind', 'table'] },
    ),
    fc.record({ kind: fc.constant('goto' as const), priority: fc.integer({ min: 0, max: 0xffffffff }) }),
    fc
      .constantFrom('nop' as const, 'blackhole' as const, 'unreachable' as const, 'prohibit' as const)
      .map((kind) => ({ kind })),
  );
  const rule: fc.Arbitrary<PolicyRule> = fc.record(
    {
      priority: fc.integer({ min: 0, max: 0xffffffff }),
      not: fc.constant(true as const),
      from: prefix,
      to: prefix,
      iif: device,
      oif: device,
      mark: fc.record({
        value: fc.integer({ min: 0, max: 0xffffffff }),
        mask: fc.integer({ min: 0, max: 0xffffffff }),
      }),
      tos: fc.constantFrom(4, 16, 0xb8),
      protocol: fc.integer({ min: 1, max: 255 }),
      sport: ports,
      dport: ports,
      action,
    },
    { requiredKeys: ['priority', 'action'] },
  );

  it('gives the same rule', () => {
    fc.assert(
      fc.property(rule, (given) => {
        expect(parsePolicyRule(printPolicyRule(given))).toEqual({ ok: true, value: given });
      }),
    );
  });
});
