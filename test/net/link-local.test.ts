import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { parseIp, printIp } from '../../src/net/address.ts';
import { isLinkLocal6, linkLocalOf } from '../../src/net/link-local.ts';
import { parseMac } from '../../src/net/mac.ts';

describe('the address that a device gives itself', () => {
  it.each([
    // What every host end of a Calico Pod has.
    ['ee:ee:ee:ee:ee:ee', 'fe80::ecee:eeff:feee:eeee'],
    ['02:42:ac:11:00:02', 'fe80::42:acff:fe11:2'],
    ['00:00:00:00:00:00', 'fe80::200:ff:fe00:0'],
    ['34:56:78:9a:bc:de', 'fe80::3656:78ff:fe9a:bcde'],
  ])('of %s is %s', (text, expected) => {
    const mac = parseMac(text);
    invariant(mac !== undefined, text);
    expect(printIp(linkLocalOf(mac))).toBe(expected);
    expect(isLinkLocal6(linkLocalOf(mac))).toBe(true);
  });

  it.each([
    ['fe80::1', true],
    ['febf:ffff::1', true],
    ['fec0::1', false],
    ['fd00::1', false],
    ['169.254.1.1', false],
  ])('%s is of the link: %s', (text, expected) => {
    const ip = parseIp(text);
    invariant(ip !== undefined, text);
    expect(isLinkLocal6(ip)).toBe(expected);
  });
});
