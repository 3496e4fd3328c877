import fc from 'fast-check';
import IPCIDR from 'ip-cidr';
import { Netmask } from 'netmask';
import { describe, expect, it } from 'vitest';
import { type IpAddr, ip4, ip6, offsetIp, parseIp, printIp } from '../../src/net/address.ts';
import {
  contains,
  covers,
  hostPrefix,
  lastIp,
  maskIp,
  network,
  overlaps,
  type Prefix,
  parsePrefix,
  printPrefix,
  sizeOf,
  widthOf,
} from '../../src/net/prefix.ts';

const anyIp4 = fc.nat({ max: 0xffffffff }).map(ip4);
const prefix4 = fc.record({ addr: anyIp4, bits: fc.integer({ min: 0, max: 32 }) });
const prefix6 = fc.record({
  addr: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(ip6),
  bits: fc.integer({ min: 0, max: 128 }),
});
const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(prefix4, prefix6);

function parsed(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`bad prefix in a test: ${text}`);
  return prefix;
}

function address(text: string): IpAddr {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`bad address in a test: ${text}`);
  return ip;
}

describe('parsePrefix', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.1.2.3/8'],
    ['10.0.0.1', '10.0.0.1/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.0/255.0.0.0', '10.0.0.0/8'],
    ['10.0.0.0/255.255.255.255', '10.0.0.0/32'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:10.0.0.0/104', '::ffff:10.0.0.0/104'],
  ])('reads %s as %s', (text, printed) => {
    expect(printPrefix(parsed(text))).toBe(printed);
  });

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '010.0.0.0/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/0.0.0.255',
    '10.0.0.0/ffff::',
    '::/129',
    '::/64.0.0.0',
    '::1%eth0/64',
    '10.0.0.0 /8',
    '10.0.0.0/ 8',
    'a/8',
  ])('refuses %j', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  it('comes back from its text', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(printPrefix(prefix))).toEqual(prefix);
      }),
    );
  });
});

describe('prefix arithmetic', () => {
  it('agrees with netmask about IPv4', () => {
    fc.assert(
      fc.property(prefix4, anyIp4, (prefix, other) => {
        const oracle = new Netmask(printPrefix(prefix));
        expect(printIp(network(prefix).addr)).toBe(oracle.base);
        expect(contains(prefix, other)).toBe(oracle.contains(printIp(other)));
        expect(sizeOf(prefix)).toBe(oracle.size);
        const last = offsetIp(network(prefix).addr, oracle.size - 1);
        expect(lastIp(prefix)).toBe(last);
      }),
    );
  });

  it('agrees with ip-cidr about IPv6', () => {
    fc.assert(
      fc.property(prefix6, (prefix) => {
        const oracle = new IPCIDR(
          `${prefix.addr
            .toString(16)
            .padStart(32, '0')
            .replace(/(.{4})(?!$)/g, '$1:')}/${prefix.bits}`,
        );
        expect(network(prefix).addr).toBe(address(String(oracle.start())));
        expect(lastIp(prefix)).toBe(address(String(oracle.end())));
      }),
      { numRuns: 50 },
    );
  });

  it('has the network and the last address in it, and the neighbours outside', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const [first, last] = [network(prefix).addr, lastIp(prefix)];
        expect([contains(prefix, first), contains(prefix, prefix.addr), contains(prefix, last)]).toEqual([
          true,
          true,
          true,
        ]);
        const neighbours = prefix.bits === 0 ? [] : [offsetIp(first, -1), offsetIp(last, 1)];
        expect(neighbours.some((neighbour) => contains(prefix, neighbour))).toBe(false);
      }),
    );
  });

  it('covers what it contains whole', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const whole = typeof a.addr === typeof b.addr && contains(a, network(b).addr) && contains(a, lastIp(b));
        expect(covers(a, b)).toBe(whole);
        expect(overlaps(a, b)).toBe(whole || covers(b, a));
        expect(overlaps(b, a)).toBe(overlaps(a, b));
      }),
    );
  });

  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', false, true],
    ['10.0.0.0/8', '11.0.0.0/8', false, false],
    ['0.0.0.0/0', '::/0', false, false],
    ['fd00::/8', 'fd00:1::/32', true, true],
  ])('%s and %s: covers %s, overlaps %s', (a, b, covering, overlapping) => {
    expect([covers(parsed(a), parsed(b)), overlaps(parsed(a), parsed(b))]).toEqual([covering, overlapping]);
  });

  it('never mixes the families', () => {
    expect(contains(parsed('0.0.0.0/0'), address('::1'))).toBe(false);
    expect(contains(parsed('::/0'), address('10.0.0.1'))).toBe(false);
  });

  it('masks at both ends of its range', () => {
    expect([maskIp(ip4(0xffffffff), 0), maskIp(ip4(0xffffffff), 1), maskIp(ip4(0xffffffff), 32)]).toEqual([
      0, 0x80000000, 0xffffffff,
    ]);
    expect([maskIp(ip6(-1n), 0), maskIp(ip6(-1n), 128)]).toEqual([0n, 2n ** 128n - 1n]);
    expect([widthOf(4), widthOf(6), hostPrefix(ip4(1)).bits, hostPrefix(ip6(1n)).bits]).toEqual([32, 128, 32, 128]);
  });
});
