/** `dnat to 10.0.0.1:80`, `snat ip to`, `masquerade to :1000-2000`, `redirect to :80`. */
import { type IpAddr, parseIp } from '../../net/address.ts';
import { parsePortRange } from '../../net/port-range.ts';
import { parsePrefix } from '../../net/prefix.ts';
import type { Constant, Expression, NatKind, NatStatement } from './expression.ts';
import { parseExpression } from './parse-expression.ts';
import type { NftFamily } from './ruleset.ts';
import type { TokenReader } from './token-reader.ts';

const FLAGS = ['random', 'fully-random', 'persistent'] as const;

/** Behind the first word. */
export function parseNat(reader: TokenReader, nat: NatKind, family: NftFamily): NatStatement {
  const named = reader.is('ip') ? 'ip' : reader.is('ip6') ? 'ip6' : undefined;
  if (named !== undefined) reader.at++;
  // `dnat ip addr . port to`: nft lists it without, and reads it so from the map.
  if (reader.take('addr')) {
    reader.expect('.');
    reader.expect('port');
  }
  const prefix = reader.take('prefix');
  let target: Pick<NatStatement, 'address' | 'port'> = {};
  if (reader.take('to')) target = parseTarget(reader, nat);
  const flags = new Set<(typeof FLAGS)[number]>();
  for (let more = true; more; ) {
    const flag = FLAGS.find((one) => reader.take(one));
    if (flag === undefined) break;
    flags.add(flag);
    more = reader.take(',');
  }
  const needsFamily = family === 'inet' || target.address?.kind === 'map';
  return {
    kind: 'nat',
    nat,
    ...familyOfNat(named, needsFamily, nat, family, target.address),
    ...target,
    ...(prefix ? { prefix } : {}),
    flags: FLAGS.filter((flag) => flags.has(flag)),
  };
}

/** nat_stmt_print(): the family is listed in tables of both, and in front of a map that gives address and port. */
function familyOfNat(
  named: 'ip' | 'ip6' | undefined,
  wanted: boolean,
  nat: NatKind,
  family: NftFamily,
  address: Expression | undefined,
): { readonly family?: 'ip' | 'ip6' } {
  if (!wanted || address === undefined || nat === 'masquerade' || nat === 'redirect') return {};
  const own = family === 'ip' || family === 'ip6' ? family : named;
  if (family !== 'inet') {
    const both =
      address.kind === 'map' &&
      (address.map.kind === 'anonymous' ? address.map.dataTypes?.length === 2 : named !== undefined);
    return both && own !== undefined ? { family: own } : {};
  }
  const [constant] = address.kind === 'constant' ? address.values : [];
  const six = constant?.kind === 'value' && typeof constant.value === 'bigint';
  return { family: own ?? (six ? 'ip6' : 'ip') };
}

function parseTarget(reader: TokenReader, nat: NatKind): Pick<NatStatement, 'address' | 'port'> {
  if (reader.take('[')) {
    const first = addressOf(reader);
    reader.expect(']');
    const port = portBehind(reader);
    return { address: ofAddress({ kind: 'value', value: first }), ...(port === undefined ? {} : { port }) };
  }
  const token = reader.peek();
  const text = token?.kind === 'word' ? token.text : '';
  if (text.startsWith(':') && !text.startsWith('::')) {
    const port = portBehind(reader);
    return port === undefined ? {} : { port };
  }
  const literal = literalTarget(text);
  if (literal !== undefined) {
    reader.at++;
    return literal;
  }
  if (nat === 'masquerade' || nat === 'redirect') throw reader.wrong('":" and a port');
  return { address: parseExpression(reader, 'destination') };
}

/** `10.0.0.1`, `10.0.0.1:80`, `10.0.0.1-10.0.0.9:80-90`, `2001:db8::1`, `10.0.0.0/24`. */
function literalTarget(text: string): Pick<NatStatement, 'address' | 'port'> | undefined {
  const whole = addressRange(text);
  if (whole !== undefined) return { address: ofAddress(whole) };
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.indexOf(':') !== colon) return undefined;
  const address = addressRange(text.slice(0, colon));
  const port = portOf(text.slice(colon + 1));
  return address === undefined || port === undefined ? undefined : { address: ofAddress(address), port };
}

function addressRange(text: string): Constant | undefined {
  const single = parseIp(text);
  if (single !== undefined) return { kind: 'value', value: single };
  if (text.includes('/')) {
    const prefix = parsePrefix(text);
    return prefix === undefined ? undefined : { kind: 'prefix', value: prefix.addr, bits: prefix.bits };
  }
  const [left = '', right = '', ...more] = text.split('-');
  const [first, last] = [parseIp(left), parseIp(right)];
  if (first === undefined || last === undefined || more.length > 0 || typeof first !== typeof last) return undefined;
  return { kind: 'range', first, last };
}

function addressOf(reader: TokenReader): IpAddr {
  const ip = parseIp(reader.word('an address'));
  if (ip !== undefined) return ip;
  reader.at--;
  throw reader.wrong('an address');
}

function ofAddress(constant: Constant): Expression {
  const value =
    constant.kind === 'value' || constant.kind === 'prefix'
      ? constant.value
      : constant.kind === 'range'
        ? constant.first
        : 0;
  return { kind: 'constant', values: [constant], types: [typeof value === 'bigint' ? 'ipv6_addr' : 'ipv4_addr'] };
}

function portBehind(reader: TokenReader): Expression | undefined {
  const text = reader.peek()?.text ?? '';
  if (!text.startsWith(':')) return undefined;
  const port = portOf(text.slice(1));
  if (port === undefined) throw reader.wrong('a port');
  reader.at++;
  return port;
}

function portOf(text: string): Expression | undefined {
  const range = parsePortRange(text, '-');
  if (range === undefined) return undefined;
  const { first, last } = range;
  const constant: Constant = first === last ? { kind: 'value', value: first } : { kind: 'range', first, last };
  return { kind: 'constant', values: [constant], types: ['inet_service'] };
}
