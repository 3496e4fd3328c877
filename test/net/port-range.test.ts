import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPortRange, parsePort, parsePortRange, printPortRange, SERVICE_NAMES } from '../../src/net/port-range.ts';

describe('ports', () => {
  it.each([
    ['80', { first: 80, last: 80 }],
    ['0', { first: 0, last: 0 }],
    ['65535', { first: 65535, last: 65535 }],
    ['1000:2000', { first: 1000, last: 2000 }],
    [':1023', { first: 0, last: 1023 }],
    ['1024:', { first: 1024, last: 65535 }],
    [':', { first: 0, last: 65535 }],
    ['http', { first: 80, last: 80 }],
    ['ssh:HTTPS', { first: 22, last: 443 }],
  ])('reads %s', (text, range) => {
    expect(parsePortRange(text)).toEqual(range);
  });

  it.each(['', '65536', '080', '-1', '+1', '2000:1000', '1:2:3', 'nope', '1-2', '1.5', ' 80', 'toString'])(
    'refuses %j',
    (text) => {
      expect(parsePortRange(text)).toBeUndefined();
    },
  );

  it('reads another sign between the ends', () => {
    expect(parsePortRange('30000-32767', '-')).toEqual({ first: 30000, last: 32767 });
    expect(printPortRange({ first: 1, last: 2 }, '-')).toBe('1-2');
  });

  it('knows the names it suggests', () => {
    expect(SERVICE_NAMES.filter((name) => parsePort(name) === undefined)).toEqual([]);
  });

  it('comes back from its text and holds both its ends', () => {
    const port = fc.nat({ max: 65535 });
    fc.assert(
      fc.property(port, port, (a, b) => {
        const range = { first: Math.min(a, b), last: Math.max(a, b) };
        expect(parsePortRange(printPortRange(range))).toEqual(range);
        expect([range.first, range.last, range.first - 1, range.last + 1].map((p) => inPortRange(range, p))).toEqual([
          true,
          true,
          false,
          false,
        ]);
      }),
    );
  });
});
