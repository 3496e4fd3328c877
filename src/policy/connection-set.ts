/**
 * Sets of connections: for each protocol a set of numbers. TCP, UDP and SCTP have destination ports; ICMP has its type and
 * code as one number; all other protocols are one set of protocol numbers.
 */
import {
  hasNumber,
  type IntervalSet,
  intersectIntervals,
  intervals,
  NOTHING,
  printIntervals,
  subtractIntervals,
  uniteIntervals,
} from './interval-set.ts';

export const LANES = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6', 'other'] as const;
export type Lane = (typeof LANES)[number];

/** Plain data with every lane; equal sets have equal ranges, and so the same key. */
export type ConnectionSet = Readonly<Record<Lane, IntervalSet>>;

const PORTS: IntervalSet = [{ first: 1, last: 65535 }];
/** type * 256 + code */
const ICMP: IntervalSet = [{ first: 0, last: 65535 }];

const NUMBERS: Readonly<Record<Exclude<Lane, 'other'>, number>> = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132 };

const OTHERS = subtractIntervals(
  [{ first: 0, last: 255 }],
  intervals(Object.values(NUMBERS).map((number) => ({ first: number, last: number }))),
);

export const NO_CONNECTIONS: ConnectionSet = {
  TCP: NOTHING,
  UDP: NOTHING,
  SCTP: NOTHING,
  ICMP: NOTHING,
  ICMPv6: NOTHING,
  other: NOTHING,
};

/** Everything that the policies of Kubernetes can tell apart. */
export const PORT_CONNECTIONS: ConnectionSet = { ...NO_CONNECTIONS, TCP: PORTS, UDP: PORTS, SCTP: PORTS };

/** Everything that Calico's policies can tell apart. */
export const ALL_CONNECTIONS: ConnectionSet = { ...PORT_CONNECTIONS, ICMP, ICMPv6: ICMP, other: OTHERS };

/** All connections of one protocol. */
export function allOf(lane: Lane): ConnectionSet {
  return { ...NO_CONNECTIONS, [lane]: ALL_CONNECTIONS[lane] };
}

/** All connections of the protocol with this number (IANA). */
export function allOfNumber(number: number): ConnectionSet {
  const lane = LANES.find((each) => each !== 'other' && NUMBERS[each] === number);
  return lane === undefined ? only('other', [{ first: number, last: number }]) : allOf(lane);
}

/** Those of one protocol whose numbers are in the set. */
export function only(lane: Lane, numbers: IntervalSet): ConnectionSet {
  return { ...NO_CONNECTIONS, [lane]: intersectIntervals(ALL_CONNECTIONS[lane], intervals(numbers)) };
}

type Operation = (a: IntervalSet, b: IntervalSet) => IntervalSet;

function lanewise(a: ConnectionSet, b: ConnectionSet, operation: Operation): ConnectionSet {
  return {
    TCP: operation(a.TCP, b.TCP),
    UDP: operation(a.UDP, b.UDP),
    SCTP: operation(a.SCTP, b.SCTP),
    ICMP: operation(a.ICMP, b.ICMP),
    ICMPv6: operation(a.ICMPv6, b.ICMPv6),
    other: operation(a.other, b.other),
  };
}

export function unite(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  return a === b ? a : lanewise(a, b, uniteIntervals);
}

export function intersect(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  return a === b ? a : lanewise(a, b, intersectIntervals);
}

/** The connections of `a` that `b` lacks. */
export function subtract(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  return a === b ? NO_CONNECTIONS : lanewise(a, b, subtractIntervals);
}

export function isEmpty(set: ConnectionSet): boolean {
  return LANES.every((lane) => set[lane].length === 0);
}

export function hasConnection(set: ConnectionSet, lane: Lane, number: number): boolean {
  return hasNumber(set[lane], number);
}

/** The same text for equal sets, and only for them. */
export function keyOf(set: ConnectionSet): string {
  return LANES.map((lane) => printIntervals(set[lane])).join(';');
}

/**
 * `All Connections`, `TCP 80,443-500;UDP 53`, `ICMP`, `ICMP type 8`, `protocol 47`; `No Connections` for none.
 * @param universe what counts as all: PORT_CONNECTIONS where no policy tells other protocols apart
 */
export function printConnections(set: ConnectionSet, universe: ConnectionSet): string {
  if (isEmpty(subtract(universe, set))) return 'All Connections';
  const parts = LANES.flatMap((lane) => {
    const numbers = intersectIntervals(set[lane], universe[lane]);
    return numbers.length === 0 ? [] : [printLane(lane, numbers)];
  });
  return parts.length === 0 ? 'No Connections' : parts.join(';');
}

function printLane(lane: Lane, numbers: IntervalSet): string {
  if (lane === 'other') {
    const text = printIntervals(numbers);
    return text === printIntervals(OTHERS) ? 'other protocols' : `protocol ${text}`;
  }
  if (lane !== 'ICMP' && lane !== 'ICMPv6') return `${lane} ${printIntervals(numbers)}`;
  if (printIntervals(numbers) === printIntervals(ICMP)) return lane;
  return `${lane} ${numbers.map(printIcmpRange).join(',')}`;
}

/** Whole types without their codes; what begins or ends inside a type with both codes. */
function printIcmpRange({ first, last }: { readonly first: number; readonly last: number }): string {
  const [type, code, lastType, lastCode] = [first >> 8, first & 255, last >> 8, last & 255];
  if (code === 0 && lastCode === 255) return `type ${type === lastType ? type : `${type}-${lastType}`}`;
  return first === last
    ? `type ${type} code ${code}`
    : `type ${type} code ${code} to type ${lastType} code ${lastCode}`;
}
