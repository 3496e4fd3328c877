/** `10.0.0.1-10.0.0.9:80-90/100` and its kin: the text form of struct nf_nat_range2 (libxt_NAT.c). */
import { familyOf, type IpAddr, parseIp4, parseIp6, printIp } from '../../../net/address.ts';
import type { ParseContext } from '../match.ts';
import { parseNumber } from '../options.ts';
import type { NatRange } from '../target.ts';
import type { Options } from './options.ts';

type Ports = Pick<NatRange, 'ports' | 'basePort'>;

/** Protocols with ports as libxt_NAT.c counts them: ICMP, TCP, UDP, DCCP, SCTP. ICMP's "port" is the echo identifier. */
const WITH_PORTS: ReadonlySet<number> = new Set([1, 6, 17, 33, 132]);

/** The value of --to-destination or --to-source. */
export function readToAddress(options: Options, name: string, context: ParseContext): NatRange {
  const text = options.required(name);
  const { addresses, ports } = splitAddresses(text, context.family);
  const read = addresses === '' ? undefined : parseAddressRange(addresses, context.family);
  if (addresses !== '' && read === undefined) {
    const form = context.family === 4 ? '10.0.0.1, 10.0.0.1-10.0.0.9, 10.0.0.1:80' : '2001:db8::1, [2001:db8::1]:80';
    throw options.error(name, `"${text}" is no IPv${context.family} address, range or address with ports`, `${form} …`);
  }
  return {
    ...(read === undefined ? {} : { addresses: read }),
    ...(ports === undefined ? {} : readPorts(options, name, ports, context, name === '--to-destination')),
  };
}

/** The value of --to-ports; no option, no ports. */
export function readToPorts(options: Options, context: ParseContext): NatRange {
  const text = options.word('--to-ports');
  return text === undefined ? {} : readPorts(options, '--to-ports', text, context, false);
}

/** Options in the order of iptables-save, `words` being those before the flags. */
export function printNat(words: readonly string[], range: NatRange): string {
  return [
    ...words,
    ...(range.random ? ['--random'] : []),
    ...(range.randomFully ? ['--random-fully'] : []),
    ...(range.persistent ? ['--persistent'] : []),
  ].join(' ');
}

/** Addresses and ports; IPv6 in brackets where ports follow. */
export function printNatRange(range: NatRange): string {
  const { addresses } = range;
  const ports = range.ports === undefined ? '' : `:${printPorts(range)}`;
  if (addresses === undefined) return ports;
  const text = printAddresses(addresses);
  return ports !== '' && familyOf(addresses.first) === 6 ? `[${text}]${ports}` : `${text}${ports}`;
}

/** `80`, `80-90`, `80-90/100`; '' without ports. */
export function printPorts({ ports, basePort }: NatRange): string {
  if (ports === undefined) return '';
  const range = ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`;
  return basePort === undefined ? range : `${range}/${basePort}`;
}

function printAddresses({ first, last }: { readonly first: IpAddr; readonly last: IpAddr }): string {
  return first === last ? printIp(first) : `${printIp(first)}-${printIp(last)}`;
}

/** Cuts the ports off. An IPv6 address carries them only behind brackets; `:80` alone means ports in both families. */
function splitAddresses(
  text: string,
  family: 4 | 6,
): { readonly addresses: string; readonly ports: string | undefined } {
  if (text.startsWith('[') && family === 6) {
    const close = text.indexOf(']');
    const rest = text.slice(close + 1);
    if (close > 0 && rest === '') return { addresses: text.slice(1, close), ports: undefined };
    if (close > 0 && rest.startsWith(':')) return { addresses: text.slice(1, close), ports: rest.slice(1) };
    return { addresses: text, ports: undefined };
  }
  const colon = text.indexOf(':');
  const onlyPorts = colon === 0 && text.lastIndexOf(':') === 0;
  if (colon < 0 || (family === 6 && !onlyPorts)) return { addresses: text, ports: undefined };
  return { addresses: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function parseAddressRange(text: string, family: 4 | 6): NatRange['addresses'] {
  const parse = family === 4 ? parseIp4 : parseIp6;
  const dash = text.indexOf('-');
  const first = parse(dash < 0 ? text : text.slice(0, dash));
  const last = dash < 0 ? first : parse(text.slice(dash + 1));
  return first === undefined || last === undefined || first > last ? undefined : { first, last };
}

function readPorts(options: Options, name: string, text: string, context: ParseContext, withBase: boolean): Ports {
  if (context.protocol === undefined || !WITH_PORTS.has(context.protocol)) {
    throw options.error(name, 'a port needs -p tcp, udp, sctp or dccp');
  }
  const parts = /^([0-9a-fA-Fx]+)(?:-([0-9a-fA-Fx]+)(?:\/([0-9a-fA-Fx]+))?)?$/.exec(text);
  const first = portOf(parts?.[1]);
  const last = parts?.[2] === undefined ? first : portOf(parts[2]);
  const basePort = portOf(parts?.[3]);
  const wrongBase = parts?.[3] !== undefined && (basePort === undefined || basePort === 0);
  if (first === undefined || last === undefined || first > last || wrongBase) {
    throw options.error(name, `"${text}" is no port and no range of ports`, 'PORT or FIRST-LAST, from 0 to 65535');
  }
  if (basePort !== undefined && !withBase) {
    throw options.error(name, 'only --to-destination knows a base port (FIRST-LAST/BASE)');
  }
  return { ports: { first, last }, ...(basePort === undefined ? {} : { basePort }) };
}

function portOf(text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : parseNumber(text);
  return value === undefined || value > 65535 ? undefined : value;
}
