import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BROADCAST_MAC, deriveMac, macFromBytes, parseMac } from '../../src/net/mac.ts';

describe('MAC addresses', () => {
  it('are read in either case and printed in lower case', () => {
    expect(parseMac('EE:ee:0A:00:ff:01')).toBe('ee:ee:0a:00:ff:01');
  });

  it.each([
    '',
    'ee:ee:ee:ee:ee',
    'ee:ee:ee:ee:ee:ee:ee',
    'ee-ee-ee-ee-ee-ee',
    'eeeeeeeeeeee',
    'ge:ee:ee:ee:ee:ee',
    'e:e:e:e:e:e',
    ' ee:ee:ee:ee:ee:ee',
  ])('refuse %j', (text) => {
    expect(parseMac(text)).toBeUndefined();
  });

  it('come from six bytes', () => {
    expect(macFromBytes(Uint8Array.of(0, 1, 10, 128, 254, 255))).toBe('00:01:0a:80:fe:ff');
    expect(macFromBytes(new Uint8Array(6).fill(255))).toBe(BROADCAST_MAC);
  });

  it('derived from a name are stable, unicast and locally administered', () => {
    expect(deriveMac('a')).toBe(deriveMac('a'));
    expect(deriveMac('a')).not.toBe(deriveMac('b'));
    fc.assert(
      fc.property(
        fc.string(),
        (name) =>
          (Number.parseInt(deriveMac(name).slice(0, 2), 16) & 3) === 2 && parseMac(deriveMac(name)) !== undefined,
      ),
    );
  });
});
