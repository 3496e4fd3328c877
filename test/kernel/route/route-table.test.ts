import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Route, TABLE_MAIN } from '../../../src/kernel/route/route.ts';
import { RouteTable } from '../../../src/kernel/route/route-table.ts';
import { type IpAddr, ip4, ip6 } from '../../../src/net/address.ts';
import { contains, printPrefix } from '../../../src/net/prefix.ts';

/** Few bits, so that prefixes lie in each other; addresses from above 2^31 as well. */
const address: fc.Arbitrary<IpAddr> = fc
  .tuple(fc.boolean(), fc.constantFrom(0x0a000000, 0xac100000, 0), fc.integer({ min: 0, max: 15 }))
  .map(([four, base, low]) => (four ? ip4(base + low) : ip6((BigInt(base) << 90n) + BigInt(low))));

const route: fc.Arbitrary<Route> = fc
  .record({
    addr: address,
    short: fc.integer({ min: 0, max: 4 }),
    metric: fc.constantFrom(0, 100, 1024),
    tos: fc.constantFrom(undefined, 4, 8),
    protocol: fc.constantFrom('bird', 'kernel', 'static'),
  })
  .map(({ addr, short, metric, tos, protocol }) => ({
    destination: { addr, bits: short === 4 ? 0 : (typeof addr === 'number' ? 32 : 128) - short },
    table: TABLE_MAIN,
    metric,
    scope: 'global',
    protocol,
    type: 'blackhole',
    ...(tos === undefined ? {} : { tos }),
  }));

const show = ({ destination, tos, metric, protocol }: Route): string =>
  `${printPrefix(destination)} tos ${tos ?? 0} metric ${metric} ${protocol}`;

describe('a table of routes', () => {
  it('answers as a look at every route would: longest prefix, then type of service, then metric, then as they were added', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 30 }), address, (routes, wanted) => {
        const plain = routes
          .filter(({ destination }) => contains(destination, wanted))
          .toSorted(
            (a, b) => b.destination.bits - a.destination.bits || (b.tos ?? 0) - (a.tos ?? 0) || a.metric - b.metric,
          );
        expect(new RouteTable(routes).matches(wanted).map(show)).toEqual(plain.map(show));
      }),
      { numRuns: 500 },
    );
  });
});
