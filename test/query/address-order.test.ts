import { describe, expect, it } from 'vitest';
import { buildNetns } from '../../src/kernel/netns-build.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import { parseRoute } from '../../src/kernel/route/parse-route-text.ts';
import { invariant } from '../../src/lib/assert.ts';
import { familyOf, parseIp, printIp } from '../../src/net/address.ts';
import { parsePrefix } from '../../src/net/prefix.ts';
import { orderAddresses, sourceTo, speaks } from '../../src/query/address-order.ts';

/** A machine with one card and default routes of the families that it has addresses of. */
function machine(...addresses: readonly string[]) {
  const prefixes = addresses.map((text) => {
    const prefix = parsePrefix(text);
    invariant(prefix !== undefined, text);
    return prefix;
  });
  const families = [...new Set(prefixes.map(({ addr }) => familyOf(addr)))];
  const routes = families.map((family) => {
    const line = family === 4 ? 'default via 192.0.2.1 dev eth0 onlink' : 'default via fe80::1 dev eth0';
    const route = parseRoute(line, { family });
    invariant(route.ok, line);
    return route.value;
  });
  return buildNetns({
    id: netnsId('m'),
    devices: [
      {
        kind: 'ethernet',
        name: 'eth0',
        segment: 'lan',
        addresses: prefixes.map(({ addr, bits }) => ({ ip: addr, bits, scope: 'global' })),
      },
    ],
    routes,
  });
}

function ips(...texts: readonly string[]) {
  return texts.map((text) => {
    const ip = parseIp(text);
    invariant(ip !== undefined, text);
    return ip;
  });
}

const BOTH = machine('10.0.0.5/24', 'fd00::5/64');
const GLOBAL = machine('198.51.100.5/24', '2001:db8::5/64');

describe('RFC 6724 section 6: which address is tried first', () => {
  it.each([
    // Section 10.2's idea: global IPv6 has the higher precedence.
    ['global IPv6 before IPv4', GLOBAL, ['198.51.100.121', '2001:db8:1::1'], '2001:db8:1::1'],
    // fc00::/7 has precedence 3 and IPv4 35.
    ['unique local IPv6 after IPv4', BOTH, ['fd00:96::1', '10.96.0.1'], '10.96.0.1'],
    [
      'a unique local source for a global destination: its label is another',
      BOTH,
      ['2001:db8:1::1', '10.96.0.1'],
      '10.96.0.1',
    ],
    [
      'no IPv4 address: IPv4 destinations are unusable',
      machine('fd00::5/64'),
      ['10.96.0.1', 'fd00:96::1'],
      'fd00:96::1',
    ],
    [
      'no IPv6 address: IPv6 destinations are unusable',
      machine('10.0.0.5/24'),
      ['2001:db8::1', '10.96.0.1'],
      '10.96.0.1',
    ],
    ['of one kind the order stays', BOTH, ['10.244.1.9', '10.244.1.2'], '10.244.1.9'],
    ['nobody is usable: the table decides', machine(), ['10.96.0.1', '2001:db8::1'], '2001:db8::1'],
  ] as const)('%s', (_name, netns, addresses, first) => {
    expect(orderAddresses(netns, ips(...addresses)).map(printIp)[0]).toBe(first);
  });

  it('leaves nothing out and adds nothing', () => {
    const all = ips('fd00:96::1', '10.96.0.1', '2001:db8::1', '127.0.0.1', '::1');
    expect([...orderAddresses(BOTH, all)].map(printIp).sort()).toEqual(all.map(printIp).sort());
  });
});

it.each([
  ['10.96.0.1', '10.0.0.5'],
  ['fd00:96::1', 'fd00::5'],
  ['127.0.0.1', '127.0.0.1'],
])('to %s the machine speaks as %s', (destination, source) => {
  const [ip] = ips(destination);
  invariant(ip !== undefined, destination);
  const found = sourceTo(BOTH, ip);
  expect(found === undefined ? undefined : printIp(found)).toBe(source);
});

it('speaks a family in which it has an address beyond its link', () => {
  expect([speaks(BOTH, 4), speaks(BOTH, 6)]).toEqual([true, true]);
  expect([speaks(machine('10.0.0.5/24'), 6), speaks(machine('fd00::5/64'), 4)]).toEqual([false, false]);
});
