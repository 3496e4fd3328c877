import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareIp,
  familyOf,
  type IpAddr,
  ip4,
  ip6,
  isIp4,
  isIp6,
  offsetIp,
  parseIp,
  parseIp4,
  parseIp6,
  printIp,
} from '../../src/net/address.ts';

const anyIp4 = fc.nat({ max: 0xffffffff }).map(ip4);
const anyIp6 = fc
  .oneof(
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    fc.bigInt({ min: 0n, max: 2n ** 34n }),
    fc.bigInt({ min: 0xffff00000000n, max: 0xffffffffffffn }),
  )
  .map(ip6);

describe('IPv4 addresses', () => {
  it.each([
    ['0.0.0.0', 0],
    ['10.0.0.1', 0x0a000001],
    ['255.255.255.255', 0xffffffff],
  ])('reads %s', (text, value) => {
    expect(parseIp4(text)).toBe(value);
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '010.0.0.1',
    '1.2.3.04',
    '1..2.3',
    '.1.2.3',
    '1.2.3.',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1.2.3.-4',
    '1.2.3.4/8',
    '1e1.0.0.1',
  ])('refuses %j', (text) => {
    expect(parseIp4(text)).toBeUndefined();
  });

  it('comes back from its text', () => {
    fc.assert(fc.property(anyIp4, (address) => parseIp(printIp(address)) === address));
  });

  it('takes what Node takes and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 16 })),
        (text) => (parseIp4(text) !== undefined) === isIPv4(text),
      ),
    );
  });
});

describe('IPv6 addresses', () => {
  it.each([
    ['::', 0n, '::'],
    ['::1', 1n, '::1'],
    ['2001:DB8::1', 0x20010db8000000000000000000000001n, '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', 0x20010db8000000000001000000000001n, '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', 0x00010000000200030004000500060007n, '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', 0xffff0a000001n, '::ffff:10.0.0.1'],
    ['::10.0.0.1', 0x0a000001n, '::10.0.0.1'],
    ['::1:2', 0x10002n, '::0.1.0.2'],
    ['64:ff9b::10.0.0.1', 0x0064ff9b00000000000000000a000001n, '64:ff9b::a00:1'],
    ['1:2:3:4:5:6:7::', 0x00010002000300040005000600070000n, '1:2:3:4:5:6:7:0'],
  ])('reads %s and prints it as the C library does', (text, value, printed) => {
    const address = parseIp6(text);
    expect(address).toBe(value);
    expect(address === undefined ? undefined : printIp(address)).toBe(printed);
  });

  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '::1%eth0',
    '1:2:3:4:5:6:7:8::',
    '::10.0.0',
    '::010.0.0.1',
    '10.0.0.1::',
    '1:',
    ':1',
    '::1 ',
  ])('refuses %j', (text) => {
    expect(parseIp6(text)).toBeUndefined();
  });

  it('comes back from its text', () => {
    fc.assert(fc.property(anyIp6, (address) => parseIp(printIp(address)) === address));
  });

  it('takes what Node takes and nothing else, zone ids aside', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV6(), fc.string({ unit: fc.constantFrom(...'0123af:.'), maxLength: 24 })),
        (text) => (parseIp6(text) !== undefined) === isIPv6(text),
      ),
    );
  });
});

describe('addresses of both families', () => {
  it('know their family', () => {
    expect([familyOf(ip4(1)), familyOf(ip6(1n))]).toEqual([4, 6]);
    expect([isIp4(ip4(1)), isIp6(ip4(1)), isIp4(ip6(1n)), isIp6(ip6(1n))]).toEqual([true, false, false, true]);
  });

  it('sort IPv4 first, then by value', () => {
    const sorted = ['9.0.0.0', '10.0.0.0', '200.0.0.1', '::1', 'fd00::1', 'ff00::']
      .map((text) => parseIp(text))
      .filter((address): address is IpAddr => address !== undefined);
    expect([...sorted].reverse().sort(compareIp)).toEqual(sorted);
    expect(compareIp(ip4(5), ip4(5))).toBe(0);
  });

  it('wrap around at the end of their space', () => {
    expect([offsetIp(ip4(0xffffffff), 1), offsetIp(ip4(0x7fffffff), 1), offsetIp(ip4(0), -1)]).toEqual([
      0, 0x80000000, 0xffffffff,
    ]);
    expect([offsetIp(ip6(-1n), 1), offsetIp(ip6(0n), -1)]).toEqual([0n, 2n ** 128n - 1n]);
  });
});
