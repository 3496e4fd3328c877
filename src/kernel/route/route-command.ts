/** One command of `ip route`, as a person types it: `add 10.0.0.0/8 via 10.1.0.1`, `del blackhole 10.0.0.0/8`. */
import { quote } from '../../lib/quote.ts';
import { fail, issue, ok, type Position, type Result } from '../../lib/result.ts';
import { compareIp, type IpAddr, ip4, ip6, parseIp } from '../../net/address.ts';
import { network, type Prefix, parsePrefix } from '../../net/prefix.ts';
import { parseRoute, type RouteTextOptions } from './parse-route-text.ts';
import type { Route } from './route.ts';
import { TABLE_MAIN } from './route.ts';
import { parseNumber, parseProtocol, parseTable } from './route-names.ts';
import { compareRoutes } from './route-text.ts';
import { TextReader, textResult } from './text-reader.ts';

type Tables = ReadonlyMap<number, readonly Route[]>;

/** The tables after the command, or why the kernel refuses it. */
export function applyRouteCommand(tables: Tables, line: string, options: RouteTextOptions = {}): Result<Tables> {
  const match = /^\s*(?:(?:ip\s+)?(?:-[46]\s+)?(?:route|r)\s+)?(add|append|replace|change|del|delete)(?=\s)/.exec(line);
  if (match === null) {
    const at = options.at === undefined ? {} : { at: options.at };
    return fail(
      issue('bad-route', `${quote(line.trim())} is no command of ip route`, {
        ...at,
        hint: 'begin with `add` or `del`',
      }),
    );
  }
  // Blanks keep the columns of the words behind the command.
  const words = ' '.repeat(match[0].length) + line.slice(match[0].length);
  if (match[1] === 'del' || match[1] === 'delete') return deleteRoute(tables, words, line, options.at);
  const parsed = parseRoute(words, options);
  if (!parsed.ok) return parsed;
  const route = parsed.value;
  const before = tables.get(route.table) ?? [];
  const same = before.filter((other) => sameKey(other, route));
  if (match[1] === 'add' && same.length > 0) return refuse('File exists', line, options.at);
  const kept = match[1] === 'append' ? before : before.filter((other) => !same.includes(other));
  return ok(new Map([...tables, [route.table, [...kept, route]]]));
}

function sameKey(a: Route, b: Route): boolean {
  return typeof a.destination.addr === typeof b.destination.addr && compareRoutes(a, b) === 0;
}

function refuse(why: string, line: string, at: Position | undefined): ReturnType<typeof fail> {
  return fail(issue('bad-route', `the kernel refuses ${quote(line.trim())}: ${why}`, at === undefined ? {} : { at }));
}

type Selector = {
  type?: Route['type'];
  destination?: Prefix | 'default';
  table: number;
  via?: IpAddr;
  device?: string;
  metric?: number;
  protocol?: string;
};

/** fib_table_delete(): the first route of the destination that has all that the command names. */
function deleteRoute(tables: Tables, words: string, line: string, at: Position | undefined): Result<Tables> {
  const selector = textResult(() => readSelector(new TextReader(words, 'bad-route', at)));
  if (!selector.ok) return selector;
  const { table } = selector.value;
  const before = tables.get(table) ?? [];
  const [first] = before.filter((route) => selects(selector.value, route)).sort((a, b) => a.metric - b.metric);
  if (first === undefined) return refuse('No such process (there is no such route)', line, at);
  return ok(new Map([...tables, [table, before.filter((route) => route !== first)]]));
}

const TYPES = [
  ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const),
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const),
];

function readSelector(reader: TextReader): Selector {
  const type = TYPES.find((word) => reader.takeIf(word));
  const selector: Selector = { table: TABLE_MAIN, ...(type === undefined ? {} : { type }) };
  selector.destination = reader.read('a destination', (text) => {
    if (text === 'default') return text;
    const prefix = parsePrefix(text);
    return prefix !== undefined && network(prefix).addr === prefix.addr ? prefix : undefined;
  });
  while (!reader.done) {
    const word = reader.take('a word');
    if (word === 'via') selector.via = reader.read("a gateway's address", parseIp);
    else if (word === 'dev') selector.device = reader.take("a device's name");
    else if (word === 'table') selector.table = reader.read('a table', parseTable);
    else if (word === 'metric') selector.metric = reader.read('a metric', (text) => parseNumber(text, 0xffffffff));
    else if (word === 'proto') selector.protocol = reader.read('a routing protocol', parseProtocol);
    else if (word === 'scope' || word === 'src') reader.take(`a value of ${word}`);
    else
      throw reader.error(`unknown word ${quote(word)}`, {
        valid: ['via', 'dev', 'table', 'metric', 'proto', 'scope', 'src'],
      });
  }
  return selector;
}

function selects(selector: Selector, route: Route): boolean {
  const { destination } = selector;
  const wanted: readonly Prefix[] =
    destination === undefined || destination === 'default'
      ? [
          { addr: ip4(0), bits: 0 },
          { addr: ip6(0n), bits: 0 },
        ]
      : [destination];
  if (
    !wanted.some(({ addr, bits }) => bits === route.destination.bits && compareIp(addr, route.destination.addr) === 0)
  )
    return false;
  if (selector.type !== undefined && selector.type !== route.type) return false;
  if (selector.metric !== undefined && selector.metric !== route.metric) return false;
  if (selector.protocol !== undefined && selector.protocol !== route.protocol) return false;
  const hops = route.type === 'unicast' ? route.nexthops : [];
  const { via, device } = selector;
  if (via !== undefined && !hops.some((hop) => hop.via !== undefined && compareIp(hop.via, via) === 0)) return false;
  if (device === undefined) return true;
  return hops.some((hop) => hop.device === device) || ('device' in route && route.device === device);
}
