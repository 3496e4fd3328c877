import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRoute, parseRoutes } from '../../../src/kernel/route/parse-route-text.ts';
import type { Nexthop, Route } from '../../../src/kernel/route/route.ts';
import { printAllRoutes, printRoute, printRoutes } from '../../../src/kernel/route/route-text.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { ip4, ip6, printIp } from '../../../src/net/address.ts';
import { maskIp } from '../../../src/net/prefix.ts';

const at = { file: 'lab.yaml', line: 7, column: 12 };

function routeOf(text: string): Route {
  const result = parseRoute(text);
  invariant(result.ok, result.ok ? '' : `${text}: ${result.issues[0]?.message}`);
  return result.value;
}

describe('lines as ip route prints them', () => {
  it.each([
    'default via 192.168.26.2 dev ens32',
    'default via 192.168.26.2 dev ens32 proto dhcp src 192.168.26.100 metric 100',
    'default dev ppp0 table 7 scope link metric 9',
    '169.254.0.0/16 dev ens32 scope link metric 1002',
    '172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1',
    '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
    '192.168.239.128 dev cali0b7f49da20a scope link',
    'blackhole 192.168.239.128/26 proto bird',
    'unreachable 10.1.0.0/16 metric 5',
    'prohibit 10.2.0.0/16',
    'throw 10.3.0.0/16 table 100',
    'unreachable default metric 4278198272',
    '10.244.70.0/26 via 192.168.26.83 dev tunl0 proto bird onlink',
    '10.7.0.0/16 via 10.200.0.1 dev ens32 proto openr src 192.168.26.100 onlink mtu 1400',
    '10.7.0.0/16 tos 0x10 via 192.168.26.9 dev ens32 table 1000 metric 10',
    '10.20.0.0/16 via inet6 fd00::5 dev ens32',
    'default via inet6 fd00::5 dev ens32',
    'default\n\tnexthop via 10.0.0.1 dev ens32 weight 1\n\tnexthop via inet6 fd00::5 dev ens33 weight 1',
    '10.9.0.0/16 proto static\n\tnexthop via 192.168.26.3 dev ens32 weight 1\n\tnexthop dev ens33 weight 2',
    '10.9.0.0/16\n\tnexthop via 10.1.1.1 dev ens32 weight 1 onlink\n\tnexthop via 10.1.1.2 dev ens32 weight 256',
    'local 10.0.0.1 dev lo table local proto kernel scope host src 10.0.0.1',
    'local default dev lo table 100 scope host',
    'broadcast 10.0.0.255 dev ens32 table local proto kernel scope link src 10.0.0.1',
    'default via fd00::9 dev ens32 metric 7 pref medium',
    'fd01::/64 via fd00::2 dev ens32 metric 1024 pref medium',
    'unreachable fd02::/64 dev lo metric 1024 pref medium',
    'fd03::/64 metric 1024 pref medium\n\tnexthop via fd00::3 dev ens32 weight 1\n\tnexthop via fd00::4 dev ens32 weight 1',
    '2001:db8:1::/48 via fd00::7 dev ens32 metric 1024 onlink pref medium',
    'local fd00::1 dev ens32 table local proto kernel metric 0 pref medium',
  ])('%s', (line) => {
    expect(printRoute(routeOf(line))).toBe(line);
  });
});

describe('what people and other versions write', () => {
  it.each([
    ['a trailing blank', 'default via 10.0.0.1 dev eth0 ', 'default via 10.0.0.1 dev eth0'],
    [
      'state of the moment',
      '10.0.0.0/8 dev eth0 proto kernel scope link src 10.0.0.1 linkdown',
      '10.0.0.0/8 dev eth0 proto kernel scope link src 10.0.0.1',
    ],
    [
      'the words of ip route add in any order',
      '10.0.0.0/8 metric 5 dev eth0 via 10.1.0.1',
      '10.0.0.0/8 via 10.1.0.1 dev eth0 metric 5',
    ],
    ['a route to the link, which gets its scope', '10.0.0.0/8 dev eth0', '10.0.0.0/8 dev eth0 scope link'],
    [
      'a protocol and a table by number',
      '10.0.0.0/8 via 10.1.0.1 dev eth0 proto 12 table 254',
      '10.0.0.0/8 via 10.1.0.1 dev eth0 proto bird',
    ],
    ['a host with its length', '10.0.0.1/32 dev eth0', '10.0.0.1 dev eth0 scope link'],
    ['dotted masks', '10.0.0.0/255.0.0.0 dev eth0', '10.0.0.0/8 dev eth0 scope link'],
    [
      'metrics that decide nothing here',
      '10.0.0.0/8 via 10.1.0.1 dev eth0 metric 8 mtu lock 1300 advmss 1000 initcwnd 10',
      '10.0.0.0/8 via 10.1.0.1 dev eth0 metric 8 mtu 1300',
    ],
    [
      'several next hops in one line',
      '10.0.0.0/8 nexthop via 10.1.0.1 dev eth0 nexthop via 10.1.0.2 dev eth0 weight 3',
      '10.0.0.0/8\n\tnexthop via 10.1.0.1 dev eth0 weight 1\n\tnexthop via 10.1.0.2 dev eth0 weight 3',
    ],
  ])('%s', (_, line, printed) => {
    expect(printRoute(routeOf(line))).toBe(printed);
  });

  it('finds the device of a gateway where it is left out', () => {
    const route = parseRoute('default via 10.0.0.1', {
      deviceFor: (ip) => (printIp(ip) === '10.0.0.1' ? 'eth7' : undefined),
    });
    expect(route).toMatchObject({ ok: true, value: { nexthops: [{ device: 'eth7' }] } });
  });

  it('reads the whole output of ip route, and says on which line something is wrong', () => {
    const text =
      'default via 10.0.0.1 dev eth0 \n10.9.0.0/16 \n\tnexthop via 10.0.0.3 dev eth0 weight 1 \n\tnexthop via 10.0.0.4 dev eth0 weight 2 \n# a comment\n\nblackhole 10.1.0.0/16\n';
    const result = parseRoutes(text, { at });
    expect(result.ok ? result.value.map(printRoute) : result.issues).toEqual([
      'default via 10.0.0.1 dev eth0',
      '10.9.0.0/16\n\tnexthop via 10.0.0.3 dev eth0 weight 1\n\tnexthop via 10.0.0.4 dev eth0 weight 2',
      'blackhole 10.1.0.0/16',
    ]);
    const wrong = parseRoutes('default via 10.0.0.1 dev eth0\n10.9.0.0/16\n\tnexthop via 10.0.0.3 dve eth0', { at });
    expect(wrong).toMatchObject({ ok: false, issues: [{ at: { line: 9, column: 34 } }] });
  });
});

describe('wrong lines', () => {
  it.each([
    ['defualt via 10.0.0.1 dev eth0', 12, /"defualt" is not a destination/],
    ['10.0.0.1/8 dev eth0', 12, /host bits/, 'write 10.0.0.0/8'],
    ['010.0.0.0/8 dev eth0', 12, /not a destination/],
    ['10.0.0.0/8 va 10.0.0.1 dev eth0', 23, /unknown word "va"/, 'did you mean via?'],
    ['10.0.0.0/8 via 10.0.0.256 dev eth0', 27, /not a gateway's address/],
    ['10.0.0.0/8 via', 26, /expected a gateway's address at the end/],
    ['10.0.0.0/8 via 10.0.0.1', 27, /no interface is on the network of the gateway/],
    ['10.0.0.0/8 metric 3', 30, /neither `via` nor `dev`/],
    ['10.0.0.0/8 dev averyveryverylongname', 27, /not a device's name/],
    ['10.0.0.0/8 dev eth0 table mian', 38, /not a table/, 'did you mean main?'],
    ['10.0.0.0/8 dev eth0 scope lnik', 38, /not a scope/, 'did you mean link?'],
    ['10.0.0.0/8 dev eth0 proto birrd', 38, /not a routing protocol/, 'did you mean bird?'],
    ['10.0.0.0/8 dev eth0 tos 0x03', 36, /not a TOS/],
    ['multicast 224.0.0.0/4 dev eth0', 12, /not modelled/],
    ['10.0.0.0/8 encap mpls 16 via 10.0.0.1', 23, /not modelled/],
    ['10.0.0.0/8 dev eth0 nexthop via 10.0.0.1 dev eth0', 57, /either/],
    ['10.0.0.0/8 via inet6 10.0.0.1 dev eth0', 33, /not a gateway/],
  ])('%s', (line, column, message, hint?: string) => {
    const result = parseRoute(line, { at });
    expect(result.ok).toBe(false);
    const [issue] = result.ok ? [] : result.issues;
    expect(issue?.message).toMatch(message);
    expect(issue?.at).toEqual({ file: 'lab.yaml', line: 7, column });
    if (hint !== undefined) expect(issue?.hint).toContain(hint);
  });

  it('escapes what it repeats', () => {
    const result = parseRoute('10.0.0.0/8 \u001b[31mred dev eth0');
    expect(result.ok ? '' : result.issues[0]?.message).not.toContain('\u001b');
  });
});

describe('the order of the dump', () => {
  it('is by address, and for equal addresses the longer prefix first (S07)', () => {
    const table = [
      'default via 192.168.26.2 dev ens32',
      '169.254.0.0/16 dev ens32 scope link metric 1002',
      '172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1',
      '192.168.26.0/24 dev ens32 proto kernel scope link src 192.168.26.100',
      '192.168.63.64/26 via 192.168.26.102 dev ens32 proto bird',
      '192.168.198.0/26 via 192.168.26.101 dev ens32 proto bird',
      '192.168.239.128 dev cali0b7f49da20a scope link',
      'blackhole 192.168.239.128/26 proto bird',
    ];
    const shuffled = [5, 2, 7, 0, 6, 1, 4, 3].flatMap((index) => table[index] ?? []);
    expect(printRoutes(shuffled.map(routeOf))).toEqual(table);
  });

  it('puts the larger TOS and then the smaller metric first', () => {
    const lines = [
      '10.7.0.0/16 via 10.0.0.9 dev a metric 7',
      '10.7.0.0/16 tos 0x10 via 10.0.0.9 dev a metric 8',
      '10.7.0.0/16 via 10.0.0.9 dev a',
    ];
    expect(printRoutes(lines.map(routeOf))).toEqual([lines[1], lines[2], lines[0]]);
  });

  it('goes through the tables as the hash of tables lies: 1000, main, local', () => {
    const lines = [
      'local 10.0.0.1 dev a table local proto kernel scope host src 10.0.0.1',
      'default dev a scope link',
      'default dev a table 1000 scope link',
      'throw 10.3.0.0/16 table 100',
    ];
    const tables = new Map(lines.map((line) => [routeOf(line).table, [routeOf(line)]]));
    expect(printAllRoutes(tables)).toEqual([lines[3], lines[2], lines[1], lines[0]]);
  });

  it('gives IPv6 prefixes after what lies inside them', () => {
    const lines = [
      'fd00:1::/64 dev a metric 1024 pref medium',
      'fd00::/16 dev a metric 1024 pref medium',
      'default dev a metric 1024 pref medium',
    ];
    const routes = lines.map((line) =>
      line.startsWith('default') ? parseRoute(line, { family: 6 }) : parseRoute(line),
    );
    const all = routes.flatMap((result) => (result.ok ? [result.value] : []));
    expect(printRoutes([...all].reverse(), 6)).toEqual(lines);
  });
});

describe('reading what was printed', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,14}$/);
  const address = fc.integer({ min: 0x01000000, max: 0xdfffffff }).map(ip4);
  const via6 = fc.bigInt({ min: 1n << 120n, max: (1n << 128n) - 1n }).map(ip6);
  const nexthop = fc.record(
    {
      device: name,
      via: fc.oneof(address, via6),
      weight: fc.integer({ min: 1, max: 256 }),
      onlink: fc.constant(true as const),
    },
    { requiredKeys: ['device', 'via', 'weight'] },
  );
  const common = {
    destination: fc
      .tuple(address, fc.integer({ min: 0, max: 32 }))
      .map(([ip, bits]) => ({ addr: maskIp(ip, bits), bits })),
    table: fc.oneof(fc.constantFrom(253, 254, 255), fc.integer({ min: 1, max: 0xffffffff })),
    metric: fc.integer({ min: 0, max: 0xffffffff }),
    protocol: fc.constantFrom('kernel', 'boot', 'static', 'bird', '80', 'dhcp'),
  };
  const extra = { prefSrc: address, mtu: fc.integer({ min: 68, max: 65535 }), tos: fc.constantFrom(4, 16, 0xb8) };
  const keys = ['destination', 'table', 'metric', 'protocol', 'scope', 'type'] as const;
  const route: fc.Arbitrary<Route> = fc.oneof(
    fc
      .tuple(
        fc.record(
          { ...common, ...extra, scope: fc.constantFrom('global', 'site', 'link'), type: fc.constant('unicast') },
          { requiredKeys: [...keys] },
        ),
        nexthop,
        fc.array(nexthop, { maxLength: 3 }),
      )
      // A single next hop has no weight of its own in the text.
      .map(([base, first, rest]) => ({
        ...base,
        nexthops: [rest.length === 0 ? { ...first, weight: 1 } : first, ...rest] as readonly [Nexthop, ...Nexthop[]],
      })),
    fc.record(
      {
        ...common,
        ...extra,
        // Without a table, `local` means table local (ip route add): the kernel has none in main.
        table: fc.constantFrom(100, 255),
        scope: fc.constantFrom('host', 'link'),
        type: fc.constantFrom('local', 'broadcast'),
        device: name,
      },
      { requiredKeys: [...keys, 'device'] },
    ),
    fc.record({
      ...common,
      scope: fc.constant('global'),
      type: fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'),
    }),
  );

  it('gives the same route', () => {
    fc.assert(
      fc.property(route, (given) => {
        const result = parseRoute(printRoute(given), { family: 4 });
        expect(result).toEqual({ ok: true, value: given });
      }),
    );
  });

  it('never throws, whatever the text', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'via',
        'dev',
        'nexthop',
        'table',
        'local',
        'default',
        '10.0.0.0/8',
        'eth0',
        'weight',
        'src',
        '\n',
        'mtu',
        'lock',
      ),
      fc.string(),
    );
    fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => void parseRoutes(words.join(' '), { at })));
  });
});
