/** Laws of intervals and connection sets, against sets of plain numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_CONNECTIONS,
  allOf,
  allOfNumber,
  type ConnectionSet,
  intersect,
  isEmpty,
  keyOf,
  NO_CONNECTIONS,
  only,
  PORT_CONNECTIONS,
  printConnections,
  subtract,
  unite,
} from '../../src/policy/connection-set.ts';
import {
  hasNumber,
  type IntervalSet,
  intersectIntervals,
  intervals,
  printIntervals,
  subtractIntervals,
  uniteIntervals,
} from '../../src/policy/interval-set.ts';

const MOST = 24;
const range = fc.record({ first: fc.integer({ min: 0, max: MOST }), last: fc.integer({ min: 0, max: MOST }) });
const set = fc.array(range, { maxLength: 5 }).map(intervals);

function numbersOf(of: IntervalSet): readonly number[] {
  return Array.from({ length: MOST + 2 }, (_, number) => number).filter((number) => hasNumber(of, number));
}

describe('intervals are sets of numbers', () => {
  it.each([
    ['union', uniteIntervals, (a: boolean, b: boolean) => a || b],
    ['intersection', intersectIntervals, (a: boolean, b: boolean) => a && b],
    ['difference', subtractIntervals, (a: boolean, b: boolean) => a && !b],
  ] as const)('%s', (_, operation, holds) => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const result = operation(a, b);
        const wanted = numbersOf([{ first: 0, last: MOST + 1 }]).filter((n) => holds(hasNumber(a, n), hasNumber(b, n)));
        expect(numbersOf(result)).toEqual(wanted);
        // In the one normal form: ascending, with a gap between neighbours.
        expect(intervals(result)).toEqual(result);
      }),
    );
  });
});

const connections: fc.Arbitrary<ConnectionSet> = fc
  .array(
    fc.record({
      lane: fc.constantFrom('TCP' as const, 'UDP' as const, 'ICMP' as const),
      numbers: fc.array(
        fc.record({ first: fc.constantFrom(0, 1, 80, 443), last: fc.constantFrom(80, 90, 443, 65535) }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 4 },
  )
  .map((parts) => parts.map(({ lane, numbers }) => only(lane, intervals(numbers))).reduce(unite, NO_CONNECTIONS));

describe('the algebra of connection sets', () => {
  it('union and intersection commute, associate and distribute', () => {
    fc.assert(
      fc.property(connections, connections, connections, (a, b, c) => {
        expect(unite(a, b)).toEqual(unite(b, a));
        expect(intersect(a, b)).toEqual(intersect(b, a));
        expect(unite(a, unite(b, c))).toEqual(unite(unite(a, b), c));
        expect(intersect(a, unite(b, c))).toEqual(unite(intersect(a, b), intersect(a, c)));
      }),
    );
  });

  it('a difference and an intersection make the whole again, and share nothing', () => {
    fc.assert(
      fc.property(connections, connections, (a, b) => {
        expect(unite(subtract(a, b), intersect(a, b))).toEqual(a);
        expect(isEmpty(intersect(subtract(a, b), b))).toBe(true);
      }),
    );
  });

  it('nothing and everything are neutral', () => {
    fc.assert(
      fc.property(connections, (a) => {
        expect(unite(a, NO_CONNECTIONS)).toEqual(a);
        expect(intersect(a, ALL_CONNECTIONS)).toEqual(a);
        expect(subtract(a, a)).toEqual(NO_CONNECTIONS);
        expect(subtract(a, NO_CONNECTIONS)).toEqual(a);
      }),
    );
  });

  it('equal sets have equal keys, and only they', () => {
    fc.assert(
      fc.property(connections, connections, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(isEmpty(subtract(a, b)) && isEmpty(subtract(b, a)));
      }),
    );
  });
});

describe('printed', () => {
  const tcp = (...numbers: readonly (readonly [number, number])[]): ConnectionSet =>
    only('TCP', intervals(numbers.map(([first, last]) => ({ first, last }))));

  it.each([
    ['All Connections', PORT_CONNECTIONS, PORT_CONNECTIONS],
    ['All Connections', ALL_CONNECTIONS, PORT_CONNECTIONS],
    ['TCP 1-65535;UDP 1-65535;SCTP 1-65535', PORT_CONNECTIONS, ALL_CONNECTIONS],
    ['No Connections', NO_CONNECTIONS, PORT_CONNECTIONS],
    [
      'TCP 80,443-500;UDP 53',
      unite(tcp([80, 80], [443, 500]), only('UDP', [{ first: 53, last: 53 }])),
      PORT_CONNECTIONS,
    ],
    ['TCP 1-79,81-65535;UDP 1-65535;SCTP 1-65535', subtract(PORT_CONNECTIONS, tcp([80, 80])), PORT_CONNECTIONS],
    ['ICMP', allOf('ICMP'), ALL_CONNECTIONS],
    ['No Connections', allOf('ICMP'), PORT_CONNECTIONS],
    ['ICMP type 8', only('ICMP', [{ first: 8 * 256, last: 8 * 256 + 255 }]), ALL_CONNECTIONS],
    ['ICMP type 3 code 1', only('ICMP', [{ first: 3 * 256 + 1, last: 3 * 256 + 1 }]), ALL_CONNECTIONS],
    ['ICMP type 0-7,type 9-255', subtract(allOf('ICMP'), only('ICMP', [{ first: 2048, last: 2303 }])), ALL_CONNECTIONS],
    ['protocol 47', allOfNumber(47), ALL_CONNECTIONS],
    ['other protocols', allOf('other'), ALL_CONNECTIONS],
    ['SCTP 1-65535', allOfNumber(132), ALL_CONNECTIONS],
  ])('%s', (text, of, universe) => {
    expect(printConnections(of, universe)).toBe(text);
  });

  it('ranges', () => {
    expect(
      printIntervals(
        intervals([
          { first: 5, last: 6 },
          { first: 1, last: 1 },
          { first: 2, last: 3 },
        ]),
      ),
    ).toBe('1-3,5-6');
  });
});
