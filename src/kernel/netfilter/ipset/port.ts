/**
 * `tcp:80`, `icmp:echo-request`, `gre:0`: the port part of an element (ipset's ipset_parse_proto_port() and
 * ipset_print_proto_port()). ICMP keeps type and code in the port: `type << 8 | code`, as get_port() in
 * net/netfilter/ipset/ip_set_getport.c takes them from the packet.
 */
import { parseProtocol, printProtocol } from '../../../net/protocol-name.ts';
import { parseNumber } from './number.ts';

const ICMP = 1;
const ICMPV6 = 58;
/** TCP, UDP, SCTP and UDP-Lite; every other protocol has port 0 only. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132, 136]);

const typeCode = (type: number, code: number): number => (type << 8) | code;

/** RFC 792 and RFC 1122 by the names ipset gives them; where two mean the same, the last is printed. */
const ICMP_NAMES: readonly (readonly [string, number])[] = [
  ['pong', typeCode(0, 0)],
  ['echo-reply', typeCode(0, 0)],
  ...[
    ...['network-unreachable', 'host-unreachable', 'protocol-unreachable', 'port-unreachable', 'fragmentation-needed'],
    ...['source-route-failed', 'network-unknown', 'host-unknown'],
  ].map((name, code) => [name, typeCode(3, code)] as const),
  ...[
    ...['network-prohibited', 'host-prohibited', 'TOS-network-unreachable', 'TOS-host-unreachable'],
    ...['communication-prohibited', 'host-precedence-violation', 'precedence-cutoff'],
  ].map((name, code) => [name, typeCode(3, code + 9)] as const),
  ['source-quench', typeCode(4, 0)],
  ...['network-redirect', 'host-redirect', 'TOS-network-redirect', 'TOS-host-redirect'].map(
    (name, code) => [name, typeCode(5, code)] as const,
  ),
  ['ping', typeCode(8, 0)],
  ['echo-request', typeCode(8, 0)],
  ['router-advertisement', typeCode(9, 0)],
  ['router-solicitation', typeCode(10, 0)],
  ['ttl-zero-during-transit', typeCode(11, 0)],
  ['ttl-zero-during-reassembly', typeCode(11, 1)],
  ['ip-header-bad', typeCode(12, 0)],
  ['required-option-missing', typeCode(12, 1)],
  ['timestamp-request', typeCode(13, 0)],
  ['timestamp-reply', typeCode(14, 0)],
  ['address-mask-request', typeCode(17, 0)],
  ['address-mask-reply', typeCode(18, 0)],
];

/** RFC 4443 and RFC 4861. */
const ICMPV6_NAMES: readonly (readonly [string, number])[] = [
  ['no-route', typeCode(1, 0)],
  ['communication-prohibited', typeCode(1, 1)],
  ['address-unreachable', typeCode(1, 3)],
  ['port-unreachable', typeCode(1, 4)],
  ['packet-too-big', typeCode(2, 0)],
  ['ttl-zero-during-transit', typeCode(3, 0)],
  ['ttl-zero-during-reassembly', typeCode(3, 1)],
  ['bad-header', typeCode(4, 0)],
  ['unknown-header-type', typeCode(4, 1)],
  ['unknown-option', typeCode(4, 2)],
  ['ping', typeCode(128, 0)],
  ['echo-request', typeCode(128, 0)],
  ['pong', typeCode(129, 0)],
  ['echo-reply', typeCode(129, 0)],
  ['router-solicitation', typeCode(133, 0)],
  ['router-advertisement', typeCode(134, 0)],
  ['neighbour-solicitation', typeCode(135, 0)],
  ['neighbour-advertisement', typeCode(136, 0)],
  ['redirect', typeCode(137, 0)],
];

const NAMES = { [ICMP]: new Map(ICMP_NAMES), [ICMPV6]: new Map(ICMPV6_NAMES) } as const;
const CODES = {
  [ICMP]: new Map(ICMP_NAMES.map(([name, value]) => [value, name] as const)),
  [ICMPV6]: new Map(ICMPV6_NAMES.map(([name, value]) => [value, name] as const)),
} as const;

/** Ports `first` to `last` of the IP protocol; of ICMP type * 256 + code. */
export type PortRange = { readonly protocol: number; readonly first: number; readonly last: number };

/** The range of one element text, TCP where no protocol stands; or what is wrong with it. */
export function parsePort(text: string, family: 4 | 6): PortRange | string {
  const colon = text.indexOf(':');
  const protocol = colon < 0 ? 6 : protocolNumber(text.slice(0, colon));
  const port = text.slice(colon + 1);
  if (protocol === undefined) return `unknown protocol "${text.slice(0, colon)}"`;
  if (protocol === ICMP || protocol === ICMPV6) {
    if ((protocol === ICMP) !== (family === 4)) return `${printProtocol(protocol)} in a set of IPv${family}`;
    const value = NAMES[protocol].get(port) ?? parseTypeCode(port);
    return value === undefined
      ? `"${port}" is no ICMP type: TYPE/CODE or a name such as echo-request`
      : { protocol, first: value, last: value };
  }
  const range = parsePortRange(port);
  if (range === undefined) return `"${port}" is no port: a number from 0 to 65535, or FIRST-LAST`;
  if (!WITH_PORTS.has(protocol) && (range.first !== 0 || range.last !== 0)) {
    return `${printProtocol(protocol)} has no ports: write ${printProtocol(protocol)}:0`;
  }
  return { protocol, ...range };
}

/** Ends of `80`, `80-90` or `90-80`, in order. */
export function parsePortRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const dash = text.indexOf('-');
  const first = parseNumber(dash < 0 ? text : text.slice(0, dash), 65535);
  const last = dash < 0 ? first : parseNumber(text.slice(dash + 1), 65535);
  if (first === undefined || last === undefined) return undefined;
  return first <= last ? { first, last } : { first: last, last: first };
}

/** `tcp:80`, `icmp:echo-request`, `icmp:3/7`. */
export function printPort(protocol: number, port: number): string {
  const name = printProtocol(protocol);
  if (protocol === ICMP || protocol === ICMPV6) {
    return `${name}:${CODES[protocol].get(port) ?? `${port >> 8}/${port & 255}`}`;
  }
  return `${name}:${port}`;
}

/** A protocol but 0, which stands for all of them elsewhere and for none here. */
function protocolNumber(text: string): number | undefined {
  return parseProtocol(text) || undefined;
}

function parseTypeCode(text: string): number | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const type = parseNumber(text.slice(0, slash), 255);
  const code = parseNumber(text.slice(slash + 1), 255);
  return type === undefined || code === undefined ? undefined : typeCode(type, code);
}
