import { quote } from '../../../lib/quote.ts';
import { isIp4, printIp } from '../../../net/address.ts';
import { inPortRange, type PortRange, parsePortRange, printPortRange } from '../../../net/port-range.ts';
import { contains, type Prefix, parsePrefix, printPrefix, widthOf } from '../../../net/prefix.ts';
import { PROTOCOL_NAMES, parseProtocol } from '../../../net/protocol-name.ts';
import { ArgumentError } from '../arguments.ts';
import type { ConnectionView, MatchEnv } from '../match.ts';
import { badName, badValue, type Given, numberRangeOf, printNot, type Use, wordOf } from '../options.ts';
import { CT_STATES, type CtStateName, readStates } from './ct-states.ts';
import { defineOptionMatch } from './option-match.ts';
import { badPort } from './ports.ts';

type Not<T> = { readonly not: boolean; readonly value: T };
type Side = 'origsrc' | 'origdst' | 'replsrc' | 'repldst';

type ConntrackSpec = {
  readonly states?: Not<readonly CtStateName[]> | undefined;
  readonly protocol?: Not<number> | undefined;
  readonly addresses: readonly (Not<Prefix> & { readonly side: Side })[];
  readonly ports: readonly (Not<PortRange> & { readonly side: Side })[];
  readonly status?: Not<readonly CtStatus[]> | undefined;
  readonly expire?: Not<{ readonly first: number; readonly last: number }> | undefined;
  readonly direction?: 'ORIGINAL' | 'REPLY' | undefined;
};

const SIDES: readonly Side[] = ['origsrc', 'origdst', 'replsrc', 'repldst'];
const STATUSES = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;
type CtStatus = (typeof STATUSES)[number];
type Name = '--ctstate' | '--ctproto' | '--ctstatus' | '--ctexpire' | '--ctdir' | `--ct${Side}` | `--ct${Side}port`;

const FORMS = [
  { name: '--ctstate', not: true },
  { name: '--ctproto', not: true },
  { name: '--ctorigsrc', not: true },
  { name: '--ctorigdst', not: true },
  { name: '--ctreplsrc', not: true },
  { name: '--ctrepldst', not: true },
  { name: '--ctorigsrcport', not: true },
  { name: '--ctorigdstport', not: true },
  { name: '--ctreplsrcport', not: true },
  { name: '--ctrepldstport', not: true },
  { name: '--ctstatus', not: true },
  { name: '--ctexpire', not: true },
  { name: '--ctdir' },
] as const;

function read(given: Given<Name>, family: 4 | 6, at: number): ConntrackSpec {
  if (given.size === 0) throw new ArgumentError('the conntrack match needs at least one option, such as --ctstate', at);
  const ask = <T>(name: Name, value: (use: Use) => T): Not<T> | undefined => {
    const use = given.get(name);
    return use === undefined ? undefined : { not: use.not, value: value(use) };
  };
  return {
    states: ask('--ctstate', (use) => readStates(use, CT_STATES)),
    protocol: ask('--ctproto', readProtocol),
    addresses: SIDES.flatMap((side) => {
      const found = ask(`--ct${side}`, (use) => readAddress(use, family));
      return found === undefined ? [] : [{ side, ...found }];
    }),
    ports: SIDES.flatMap((side) => {
      const found = ask(`--ct${side}port`, readPort);
      return found === undefined ? [] : [{ side, ...found }];
    }),
    status: ask('--ctstatus', readStatus),
    expire: ask('--ctexpire', (use) => numberRangeOf(use, 4294967295)),
    direction: ask('--ctdir', readDirection)?.value,
  };
}

function readProtocol(use: Use): number {
  const number = parseProtocol(wordOf(use));
  if (number === undefined) throw badName(use, 'protocol', wordOf(use), PROTOCOL_NAMES);
  return number;
}

function readAddress(use: Use, family: 4 | 6): Prefix {
  const prefix = parsePrefix(wordOf(use));
  if (prefix === undefined || isIp4(prefix.addr) !== (family === 4))
    throw badValue(use, `${quote(wordOf(use))} is not an IPv${family} address or prefix`);
  return prefix;
}

function readPort(use: Use): PortRange {
  const range = parsePortRange(wordOf(use));
  if (range === undefined) throw badPort(use, wordOf(use));
  return range;
}

function readStatus(use: Use): readonly CtStatus[] {
  const names = wordOf(use)
    .split(',')
    .map((name) => name.toUpperCase());
  for (const name of names)
    if (name !== 'NONE' && !STATUSES.some((s) => s === name))
      throw badName(use, 'connection status', name, ['NONE', ...STATUSES]);
  return STATUSES.filter((status) => names.includes(status));
}

function readDirection(use: Use): 'ORIGINAL' | 'REPLY' {
  const word = wordOf(use).toUpperCase();
  if (word === 'ORIGINAL' || word === 'REPLY') return word;
  throw badName(use, 'direction', wordOf(use), ['ORIGINAL', 'REPLY']);
}

/** libxt_conntrack's order; a full-length prefix has no length. */
function print(spec: ConntrackSpec, family: 4 | 6): string {
  const address = (prefix: Prefix): string =>
    prefix.bits === widthOf(family) ? printIp(prefix.addr) : printPrefix(prefix);
  const words: string[] = [];
  const say = <T>(option: string, field: Not<T> | undefined, text: (value: T) => string): void => {
    if (field !== undefined) words.push(`${printNot(field.not)}--ct${option} ${text(field.value)}`);
  };
  say('state', spec.states, (states) => states.join(','));
  say('proto', spec.protocol, String);
  for (const field of spec.addresses) say(field.side, field, address);
  for (const field of spec.ports) say(`${field.side}port`, field, (range) => printPortRange(range));
  say('status', spec.status, (status) => (status.length === 0 ? 'NONE' : status.join(',')));
  say('expire', spec.expire, (range) => printPortRange(range));
  if (spec.direction !== undefined) words.push(`--ctdir ${spec.direction}`);
  return words.join(' ');
}

/** conntrack_mt() */
function test(spec: ConntrackSpec, env: MatchEnv): boolean {
  const { connection } = env;
  if (spec.states !== undefined && hasState(spec.states.value, env) === spec.states.not) return false;
  // Without a connection only --ctstate can hold.
  if (connection === undefined) return spec.states !== undefined;
  return (
    (spec.direction === undefined || spec.direction === connection.direction) &&
    (spec.protocol === undefined || (connection.original.protocol === spec.protocol.value) !== spec.protocol.not) &&
    spec.addresses.every(({ side, value, not }) => contains(value, addressAt(connection, side)) !== not) &&
    spec.ports.every(({ side, value, not }) => inPortRange(value, portAt(connection, side)) !== not) &&
    (spec.status === undefined ||
      spec.status.value.some((status) => hasStatus(connection, status)) !== spec.status.not) &&
    (spec.expire === undefined || inPortRange(spec.expire.value, connection.expires) !== spec.expire.not)
  );
}

function hasState(states: readonly CtStateName[], env: MatchEnv): boolean {
  return (
    states.includes(env.ctState) ||
    (states.includes('SNAT') && env.connection?.status.srcNat === true) ||
    (states.includes('DNAT') && env.connection?.status.dstNat === true)
  );
}

function addressAt({ original, reply }: ConnectionView, side: Side) {
  const tuple = side.startsWith('orig') ? original : reply;
  return side.endsWith('src') ? tuple.src : tuple.dst;
}

function portAt({ original, reply }: ConnectionView, side: Side): number {
  const tuple = side.startsWith('orig') ? original : reply;
  return side.endsWith('src') ? tuple.sport : tuple.dport;
}

function hasStatus({ status }: ConnectionView, name: CtStatus): boolean {
  switch (name) {
    case 'EXPECTED':
      return false; // connections that a helper (FTP …) announced are not modelled
    case 'SEEN_REPLY':
      return status.seenReply;
    case 'ASSURED':
      return status.assured;
    case 'CONFIRMED':
      return status.confirmed;
  }
}

export const conntrack = defineOptionMatch({
  name: 'conntrack',
  kernel: 'net/netfilter/xt_conntrack.c',
  needsConntrack: true,
  options: FORMS,
  read: (given, context, at): ConntrackSpec => read(given, context.family, at),
  print,
  test,
});
