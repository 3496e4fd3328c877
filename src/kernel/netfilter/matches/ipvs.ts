import { quote } from '../../../lib/quote.ts';
import { familyOf, isIp4, printIp } from '../../../net/address.ts';
import { parsePort } from '../../../net/port-range.ts';
import { contains, type Prefix, parsePrefix, printPrefix, widthOf } from '../../../net/prefix.ts';
import { PROTOCOL_NAMES, parseProtocol } from '../../../net/protocol-name.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badName, badValue, type Given, isNot, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';
import { badPort } from './ports.ts';

const METHODS = ['GATE', 'IPIP', 'MASQ'] as const;
type Not<T> = { readonly not: boolean; readonly value: T };

type IpvsSpec = {
  /** `[!] --ipvs`; the others imply it. */
  readonly property?: { readonly not: boolean } | undefined;
  readonly protocol?: Not<number> | undefined;
  readonly address?: Not<Prefix> | undefined;
  readonly port?: Not<number> | undefined;
  readonly direction?: 'ORIGINAL' | 'REPLY' | undefined;
  readonly method?: Not<(typeof METHODS)[number]> | undefined;
  readonly controlPort?: Not<number> | undefined;
};

type Name = '--ipvs' | '--vproto' | '--vaddr' | '--vport' | '--vdir' | '--vmethod' | '--vportctl';

function read(given: Given<Name>, family: 4 | 6, at: number): IpvsSpec {
  if (given.size === 0) throw new ArgumentError('the ipvs match needs at least one option, such as --ipvs', at);
  const ask = <T>(name: Name, value: (use: Use) => T): Not<T> | undefined => {
    const use = given.get(name);
    return use === undefined ? undefined : { not: use.not, value: value(use) };
  };
  const direction = given.get('--vdir');
  const word = direction === undefined ? undefined : wordOf(direction).toUpperCase();
  if (direction !== undefined && word !== 'ORIGINAL' && word !== 'REPLY')
    throw badName(direction, 'direction', wordOf(direction), ['ORIGINAL', 'REPLY']);
  return {
    property: given.has('--ipvs') ? { not: isNot(given.get('--ipvs')) } : undefined,
    protocol: ask('--vproto', (use) => {
      const number = parseProtocol(wordOf(use));
      if (number === undefined) throw badName(use, 'protocol', wordOf(use), PROTOCOL_NAMES);
      return number;
    }),
    address: ask('--vaddr', (use) => {
      const prefix = parsePrefix(wordOf(use));
      if (prefix === undefined || isIp4(prefix.addr) !== (family === 4))
        throw badValue(use, `${quote(wordOf(use))} is not an IPv${family} address or prefix`);
      return prefix;
    }),
    port: ask('--vport', readPort),
    direction: word === 'ORIGINAL' || word === 'REPLY' ? word : undefined,
    method: ask('--vmethod', (use) => {
      const method = METHODS.find((m) => m === wordOf(use).toUpperCase());
      if (method === undefined) throw badName(use, 'forwarding method', wordOf(use), METHODS);
      return method;
    }),
    controlPort: ask('--vportctl', readPort),
  };
}

function readPort(use: Use): number {
  const port = parsePort(wordOf(use));
  if (port === undefined) throw badPort(use, wordOf(use));
  return port;
}

/** libxt_ipvs: `! --ipvs` alone, else only what was asked. */
function print(spec: IpvsSpec, family: 4 | 6): string {
  const { property, protocol, address, port, direction, method, controlPort } = spec;
  const words: string[] = [];
  const say = <T>(option: string, field: Not<T> | undefined, text: (value: T) => string): void => {
    if (field !== undefined) words.push(`${printNot(field.not)}${option} ${text(field.value)}`);
  };
  if (property !== undefined) words.push(`${printNot(property.not)}--ipvs`);
  say('--vproto', protocol, String);
  say('--vaddr', address, (prefix) => (prefix.bits === widthOf(family) ? printIp(prefix.addr) : printPrefix(prefix)));
  say('--vport', port, String);
  if (direction !== undefined) words.push(`--vdir ${direction}`);
  say('--vmethod', method, String);
  say('--vportctl', controlPort, String);
  return words.join(' ');
}

/** ipvs_mt(): only packets that IPVS translated have anything to be asked about. */
function test(spec: IpvsSpec, env: MatchEnv): boolean {
  const { property, protocol, address, port, direction, method, controlPort } = spec;
  const others = [protocol, address, port, direction, method, controlPort];
  if (others.every((field) => field === undefined)) return (env.ipvs !== undefined) !== (property?.not ?? false);
  const view = env.ipvs?.connection;
  if (view === undefined) return false;
  const holds = <T>(field: Not<T> | undefined, ask: (value: T) => boolean): boolean =>
    field === undefined || ask(field.value) !== field.not;
  if (direction !== undefined && env.connection?.direction !== direction) return false;
  return (
    holds(protocol, (value) => value === view.protocol) &&
    holds(address, (value) => familyOf(value.addr) === familyOf(view.address) && contains(value, view.address)) &&
    holds(port, (value) => value === view.port) &&
    holds(method, (value) => value === view.method) &&
    holds(controlPort, (value) => value === view.controlPort)
  );
}

export const ipvs = defineOptionMatch({
  name: 'ipvs',
  kernel: 'net/netfilter/xt_ipvs.c',
  options: [
    { name: '--ipvs', words: 0, not: true },
    { name: '--vproto', not: true },
    { name: '--vaddr', not: true },
    { name: '--vport', not: true },
    { name: '--vdir' },
    { name: '--vmethod', not: true },
    { name: '--vportctl', not: true },
  ],
  read: (given, context, at): IpvsSpec => read(given, context.family, at),
  print,
  test,
});
