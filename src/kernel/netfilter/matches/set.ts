import { quote } from '../../../lib/quote.ts';
import { isIp4 } from '../../../net/address.ts';
import { type Packet, portsOf, protocolNumber } from '../../../net/packet.ts';
import { ArgumentError } from '../arguments.ts';
import type { Ipset, IpsetProbe } from '../ipset.ts';
import type { MatchEnv } from '../match.ts';
import { badName, badValue, type Given, numberOf, printNot, type Use } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type Direction = 'src' | 'dst';
type Counter = {
  readonly of: 'packets' | 'bytes';
  readonly compare: 'eq' | 'lt' | 'gt';
  readonly not: boolean;
  readonly value: number;
};

/** `directions` says for each dimension whether it is read from the source or the destination. */
export type SetSpec = {
  readonly not: boolean;
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly returnNomatch: boolean;
  readonly noCounterUpdate: boolean;
  readonly noSubcounterUpdate: boolean;
  readonly counters: readonly Counter[];
};

/** IPSET_DIM_MAX, and IPSET_MAXNAMELEN less its NUL. */
const MOST_DIRECTIONS = 6;
const LONGEST_NAME = 31;

const COUNTERS = (['packets', 'bytes'] as const).flatMap((of) =>
  (['eq', 'lt', 'gt'] as const).map((compare) => ({ of, compare })),
);
type Name =
  | '--match-set'
  | '--return-nomatch'
  | '--update-counters'
  | '--update-subcounters'
  | `--${Counter['of']}-${Counter['compare']}`;

function read(given: Given<Name>, at: number): SetSpec {
  const use = given.get('--match-set');
  const [name = '', flags = ''] = use?.words ?? [];
  if (use === undefined) throw new ArgumentError('the set match needs --match-set NAME src|dst[,…]', at);
  // xt_set prints the name bare, and ipset itself takes no such name.
  if (name.length > LONGEST_NAME || !/^[^\s"'\\\p{C}]+$/u.test(name))
    throw badValue(use, `${quote(name)} is not the name of a set (1 to ${LONGEST_NAME} characters)`);
  const directions = flags.split(',').map((word) => readDirection(use, word));
  if (directions.length > MOST_DIRECTIONS) throw badValue(use, `at most ${MOST_DIRECTIONS} directions`);
  const plain = (option: '--update-counters' | '--update-subcounters'): boolean => {
    const found = given.get(option);
    // Only `!` changes anything: updating is what a set with counters does anyway.
    return found?.not === true;
  };
  return {
    not: use.not,
    name,
    directions,
    returnNomatch: given.has('--return-nomatch'),
    noCounterUpdate: plain('--update-counters'),
    noSubcounterUpdate: plain('--update-subcounters'),
    counters: COUNTERS.flatMap(({ of, compare }) => {
      const found = given.get(`--${of}-${compare}`);
      return found === undefined
        ? []
        : [{ of, compare, not: found.not, value: numberOf(found, 0, Number.MAX_SAFE_INTEGER) }];
    }),
  };
}

function readDirection(use: Use, word: string): Direction {
  if (word === 'src' || word === 'dst') return word;
  throw badName(use, 'direction', word, ['src', 'dst']);
}

function print(spec: SetSpec): string {
  return [
    `${printNot(spec.not)}--match-set ${spec.name} ${spec.directions.join(',')}`,
    ...(spec.returnNomatch ? ['--return-nomatch'] : []),
    ...(spec.noCounterUpdate ? ['! --update-counters'] : []),
    ...(spec.noSubcounterUpdate ? ['! --update-subcounters'] : []),
    ...spec.counters.map(({ of, compare, not, value }) => `${printNot(not)}--${of}-${compare} ${value}`),
  ].join(' ');
}

/** set_match_v4(): ip_set_test(), turned round by `!`. */
function test(spec: SetSpec, env: MatchEnv): boolean {
  const set = env.ipset(spec.name);
  if (set === undefined) return env.chance({ kind: 'unknown', what: `ipset ${spec.name} is not known` });
  return holds(spec, set, env) !== spec.not;
}

function holds(spec: SetSpec, set: Ipset, env: MatchEnv): boolean {
  const anyFamily = set.type === 'bitmap:port' || set.type === 'list:set';
  if (!anyFamily && (set.family === 4) !== isIp4(env.packet.src)) return false;
  if (!set.test(probe(spec, env), (name) => env.ipset(name))) return false;
  const counted = spec.counters.length > 0 && /\bcounters\b/.test(set.options);
  return !counted || env.chance({ kind: 'unknown', what: `the counters of ipset ${set.name}` });
}

function probe({ directions, returnNomatch }: SetSpec, env: MatchEnv): IpsetProbe {
  const { packet } = env;
  return {
    addresses: directions.map((direction) => (direction === 'src' ? packet.src : packet.dst)),
    ports: directions.map((direction) => portAt(packet, direction)),
    interfaces: directions.map((direction) => (direction === 'src' ? env.inDevice : env.outDevice)),
    ...(returnNomatch ? { returnNomatch } : {}),
  };
}

/** ip_set_get_ip4_port(): for ICMP type and code; other protocols have port 0; later fragments have none. */
function portAt(
  packet: Packet,
  direction: Direction,
): { readonly protocol: number; readonly port: number } | undefined {
  const protocol = protocolNumber(packet);
  const ports = portsOf(packet);
  const { transport } = packet;
  if (ports !== undefined) {
    return packet.laterFragment ? undefined : { protocol, port: direction === 'src' ? ports.sport : ports.dport };
  }
  if (transport.proto === 'icmp' || transport.proto === 'icmpv6') {
    return packet.laterFragment ? undefined : { protocol, port: transport.type * 256 + transport.code };
  }
  return { protocol, port: 0 };
}

export const set = defineOptionMatch({
  name: 'set',
  kernel: 'net/netfilter/xt_set.c',
  options: [
    { name: '--match-set', also: ['--set'], words: 2, not: true },
    { name: '--return-nomatch', words: 0 },
    { name: '--update-counters', words: 0, not: true },
    { name: '--update-subcounters', words: 0, not: true },
    { name: '--packets-eq', not: true },
    { name: '--packets-lt' },
    { name: '--packets-gt' },
    { name: '--bytes-eq', not: true },
    { name: '--bytes-lt' },
    { name: '--bytes-gt' },
  ],
  read: (given, _context, at): SetSpec => read(given, at),
  print,
  test,
});
