/**
 * Reads lines of `ip route` (iproute2 6.1) and, because people write them by hand, the words of `ip route add` in any
 * order. Where a line leaves the scope or the metric out, it gets what `ip route add` gives it (iproute_modify()).
 */

import { quote } from '../../lib/quote.ts';
import { collect, type Position, type Result } from '../../lib/result.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6, parseIp } from '../../net/address.ts';
import { network, type Prefix, parsePrefix, printPrefix } from '../../net/prefix.ts';
import type { Scope } from '../link/device.ts';
import { deviceNameProblem } from '../link/device-name.ts';
import type { Nexthop, Route } from './route.ts';
import { TABLE_LOCAL, TABLE_MAIN } from './route.ts';
import * as names from './route-names.ts';
import { TextReader, textResult } from './text-reader.ts';

export type RouteTextOptions = {
  /** Where the text begins. */
  readonly at?: Position;
  /** Of a `default` without an address beside it; IPv4 when not given. */
  readonly family?: Family;
  /** The device of a `via` without `dev`: the one whose network holds the gateway, as fib_check_nh() finds it. */
  readonly deviceFor?: (gateway: IpAddr) => string | undefined;
};

/** Words that change nothing a packet's way depends on, and how many words follow each. */
const IGNORED: ReadonlyMap<string, number> = new Map([
  ...['linkdown', 'dead', 'offload', 'rt_offload', 'trap', 'rt_trap', 'pervasive', 'unresolved', 'notify', 'cache'].map(
    (word) => [word, 0] as const,
  ),
  ...['advmss', 'initcwnd', 'initrwnd', 'window', 'rtt', 'rttvar', 'cwnd', 'ssthresh', 'reordering', 'rto_min'].map(
    (word) => [word, 1] as const,
  ),
  ...['hoplimit', 'quickack', 'congctl', 'features', 'expires', 'error', 'nhid', 'realm', 'realms'].map(
    (word) => [word, 1] as const,
  ),
]);

const TYPES = [
  ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const),
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const),
];
/** Types of one device, in the local table unless they say otherwise. */
const OF_DEVICE: readonly Route['type'][] = ['local', 'broadcast', 'anycast', 'multicast'];
const UNMODELLED = ['nat', 'encap', 'from', 'as', 'ttl-propagate'];
const KEYWORDS = [
  ...['via', 'dev', 'table', 'proto', 'scope', 'src', 'metric', 'onlink', 'mtu', 'tos', 'pref', 'nexthop'],
  ...IGNORED.keys(),
];

type Draft = {
  via?: IpAddr;
  /** `via inet6 …`: iproute2 names the gateway's family where it is not the destination's (RTA_VIA). */
  foreignGateway?: Family;
  device?: string;
  table?: number;
  protocol?: string;
  scope?: Scope;
  prefSrc?: IpAddr;
  metric?: number;
  onlink?: boolean;
  mtu?: number;
  tos?: number;
  /** `pref` stands in lines of IPv6 alone (RTA_PREF). */
  preference?: string;
  nexthops: Nexthop[];
};

/** One route; the text may have several lines when it has several next hops. */
export function parseRoute(text: string, options: RouteTextOptions = {}): Result<Route> {
  return textResult(() => readRoute(new TextReader(text, 'bad-route', options.at), options));
}

/** The output of `ip route`: a route a line, lines that begin with `nexthop` belonging to the one above. */
export function parseRoutes(text: string, options: RouteTextOptions = {}): Result<readonly Route[]> {
  const results: Result<Route>[] = [];
  const lines = text.split('\n');
  for (let first = 0; first < lines.length; ) {
    let last = first;
    while (/^\s*nexthop\s/.test(lines[last + 1] ?? '')) last++;
    const at = options.at === undefined ? {} : { at: { ...options.at, line: options.at.line + first } };
    const route = lines.slice(first, last + 1).join('\n');
    if (!/^\s*(#.*)?$/.test(route)) results.push(parseRoute(route, { ...options, ...at }));
    first = last + 1;
  }
  return collect(results);
}

function readRoute(reader: TextReader, options: RouteTextOptions): Route {
  const type = TYPES.find((word) => reader.takeIf(word)) ?? 'unicast';
  if ((type === 'anycast' || type === 'multicast') && !reader.peek()?.includes(':'))
    throw reader.error(`routes of type ${type} are not modelled for IPv4`);
  reader.takeIf('to');
  const first = reader.take('a destination: an address, a prefix or `default`');
  const destination = readDestination(reader, first);
  const draft: Draft = { nexthops: [] };
  while (!reader.done) readWord(reader, reader.take('a word'), draft, options);

  const family: Family =
    destination !== 'default' ? familyOf(destination.addr) : (familyOfDraft(draft) ?? options.family ?? 4);
  const prefix: Prefix = destination !== 'default' ? destination : { addr: family === 4 ? ip4(0) : ip6(0n), bits: 0 };
  if (draft.prefSrc !== undefined && familyOf(draft.prefSrc) !== family) {
    throw reader.error('the source address is of another family than the destination');
  }
  const common = {
    destination: prefix,
    table: draft.table ?? (OF_DEVICE.includes(type) ? TABLE_LOCAL : TABLE_MAIN),
    // ip6_route_info_create(): IP6_RT_PRIO_USER where none is given.
    metric: draft.metric ?? (family === 6 ? 1024 : 0),
    scope: draft.scope ?? defaultScope(type, draft, family),
    protocol: draft.protocol ?? 'boot',
    ...(draft.prefSrc === undefined ? {} : { prefSrc: draft.prefSrc }),
    ...(draft.mtu === undefined ? {} : { mtu: draft.mtu }),
    ...(draft.tos === undefined || draft.tos === 0 ? {} : { tos: draft.tos }),
  };
  if (type === 'local' || type === 'broadcast' || type === 'anycast' || type === 'multicast')
    return { ...common, type, device: draft.device ?? 'lo' };
  if (type !== 'unicast') return { ...common, type };
  return { ...common, type, nexthops: nexthopsOf(reader, draft, options) };
}

function familyOfDraft(draft: Draft): Family | undefined {
  if (draft.preference !== undefined) return 6;
  if (draft.foreignGateway !== undefined) return draft.foreignGateway === 6 ? 4 : 6;
  const hint = draft.prefSrc ?? draft.via ?? draft.nexthops.find((hop) => hop.via !== undefined)?.via;
  return hint === undefined ? undefined : familyOf(hint);
}

/** iproute_modify(): a route to a neighbour has scope link, one of this machine scope host. IPv6 has no scopes. */
function defaultScope(type: Route['type'], draft: Draft, family: Family): Scope {
  if (family === 6) return 'global';
  if (type === 'local') return 'host';
  if (type === 'broadcast') return 'link';
  return type === 'unicast' && draft.via === undefined && draft.nexthops.length === 0 ? 'link' : 'global';
}

function readDestination(reader: TextReader, text: string): Prefix | 'default' {
  if (text === 'default' || text === 'any' || text === 'all') return 'default';
  if (UNMODELLED.includes(text)) throw reader.error(`routes of type ${text} are not modelled`);
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    throw reader.error(`${quote(text)} is not a destination`, {
      valid: ['default', ...TYPES],
      hint: 'write an address, a prefix such as 10.244.0.0/16, or `default`',
    });
  }
  const clean = network(prefix);
  if (clean.addr === prefix.addr) return prefix;
  throw reader.error(`${text} has host bits set`, { hint: `write ${printPrefix(clean)}` });
}

function readWord(reader: TextReader, word: string, draft: Draft, options: RouteTextOptions): void {
  switch (word) {
    case 'nexthop':
      draft.nexthops.push(readNexthop(reader, draft, options));
      return;
    case 'table':
      draft.table = reader.read('a table (local, main, default or a number)', names.parseTable, names.TABLE_WORDS);
      return;
    case 'proto':
    case 'protocol':
      draft.protocol = reader.read('a routing protocol', names.parseProtocol, names.PROTOCOL_WORDS);
      return;
    case 'scope':
      draft.scope = reader.read('a scope', names.parseScope, names.SCOPE_WORDS);
      return;
    case 'src':
      draft.prefSrc = reader.read('an address', parseIp);
      return;
    case 'metric':
    case 'priority':
    case 'preference':
      draft.metric = reader.read('a metric', (text) => names.parseNumber(text, 0xffffffff));
      return;
    case 'pref':
      draft.preference = reader.take('a preference: low, medium or high');
      return;
    case 'mtu':
      reader.takeIf('lock');
      draft.mtu = reader.read('an MTU', (text) => names.parseNumber(text, 65535));
      return;
    case 'tos':
    case 'dsfield':
      draft.tos = reader.read('a TOS value such as 0x10', names.parseTos);
      return;
    default:
      if (!readHopWord(reader, word, draft)) throw unknownWord(reader, word);
  }
}

/** The words that a route and one of its next hops share. */
function readHopWord(
  reader: TextReader,
  word: string,
  draft: Pick<Draft, 'via' | 'foreignGateway' | 'device' | 'onlink'>,
): boolean {
  if (word === 'via') {
    const family = reader.takeIf('inet6') ? 6 : reader.takeIf('inet') ? 4 : undefined;
    if (family !== undefined) draft.foreignGateway = family;
    draft.via = reader.read("a gateway's address", (text) => {
      const ip = parseIp(text);
      return ip !== undefined && (family === undefined || familyOf(ip) === family) ? ip : undefined;
    });
    return true;
  }
  if (word === 'dev') {
    draft.device = reader.read("a device's name", (text) => (deviceNameProblem(text) === undefined ? text : undefined));
    return true;
  }
  if (word === 'onlink') {
    draft.onlink = true;
    return true;
  }
  const ignored = IGNORED.get(word);
  for (let i = 0; i < (ignored ?? 0); i++) reader.take(`a value of ${word}`);
  return ignored !== undefined;
}

function unknownWord(reader: TextReader, word: string): Error {
  if (UNMODELLED.includes(word)) return reader.error(`${word} in a route is not modelled`);
  return reader.error(`unknown word ${quote(word)} in a route`, { valid: KEYWORDS });
}

function readNexthop(reader: TextReader, route: Draft, options: RouteTextOptions): Nexthop {
  const draft: Pick<Draft, 'via' | 'foreignGateway' | 'device' | 'onlink'> & { weight?: number } = {};
  while (!reader.done && reader.peek() !== 'nexthop') {
    const word = reader.take('a word');
    if (word === 'weight') {
      draft.weight = reader.read('a weight 1-256', (text) => names.parseNumber(text, 256) || undefined);
    } else if (!readHopWord(reader, word, draft)) throw unknownWord(reader, word);
  }
  if (draft.foreignGateway !== undefined) route.foreignGateway = draft.foreignGateway;
  return nexthop(reader, draft, draft.weight ?? 1, options);
}

function nexthop(
  reader: TextReader,
  draft: Pick<Draft, 'via' | 'device' | 'onlink'>,
  weight: number,
  options: RouteTextOptions,
): Nexthop {
  const device = draft.device ?? (draft.via === undefined ? undefined : options.deviceFor?.(draft.via));
  if (device === undefined) {
    throw reader.error(
      draft.via === undefined
        ? 'the route names neither `via` nor `dev`'
        : 'no interface is on the network of the gateway',
      { hint: 'add `dev NAME`' },
    );
  }
  return {
    device,
    ...(draft.via === undefined ? {} : { via: draft.via }),
    weight,
    ...(draft.onlink === true ? { onlink: true } : {}),
  };
}

function nexthopsOf(reader: TextReader, draft: Draft, options: RouteTextOptions): readonly [Nexthop, ...Nexthop[]] {
  const [first, ...others] = draft.nexthops;
  if (first === undefined) return [nexthop(reader, draft, 1, options)];
  if (draft.via !== undefined || draft.device !== undefined) {
    throw reader.error('a route has either `via` and `dev`, or `nexthop` parts, not both');
  }
  return [first, ...others];
}
