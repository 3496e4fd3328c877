/** The data types of nftables: how each reads and prints its values (libnftables, src/datatype.c and the types' own files). */
import { type IpAddr, ip4, ip6, isIp4, isIp6, parseIp, printIp } from '../../net/address.ts';
import { parseMac } from '../../net/mac.ts';
import { parsePort } from '../../net/port-range.ts';
import { parseProtocol, printProtocol } from '../../net/protocol-name.ts';
import { parseDuration, printDuration } from './duration.ts';
import type { Value } from './expression.ts';
import {
  CT_DIRECTIONS,
  CT_STATES,
  CT_STATUS,
  DSCP,
  FIB_TYPES,
  ICMP_CODES,
  ICMP_TYPES,
  ICMP6_CODES,
  ICMP6_TYPES,
  NF_PROTOCOLS,
  PACKET_TYPES,
  type SymbolTable,
  TCP_FLAGS,
} from './symbols.ts';

/** The names of nft describe. */
export type DatatypeName =
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'inet_proto'
  | 'inet_service'
  | 'mark'
  | 'ifname'
  | 'iface_index'
  | 'ct_state'
  | 'ct_status'
  | 'ct_dir'
  | 'fib_addrtype'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmpv6_type'
  | 'icmpv6_code'
  | 'nf_proto'
  | 'pkt_type'
  | 'uid'
  | 'gid'
  | 'ether_addr'
  | 'dscp'
  | 'tcp_flag'
  | 'boolean'
  | 'time'
  | 'integer';

type Datatype = {
  readonly name: DatatypeName;
  /** How many elements of a set `nft list` puts on a line (calculate_delim(), src/expression.c). */
  readonly perLine: 1 | 2 | 5;
  /** Bytes in a set's key, and whether the most significant stands first: listings are sorted by them. */
  readonly bytes: number;
  readonly networkOrder: boolean;
  /** Bits of a value may be asked for one by one. */
  readonly flags?: boolean;
  parse(text: string): Value | undefined;
  print(value: Value): string;
};

function number(text: string, most: number): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

function integerType(name: DatatypeName, bytes: number, perLine: 1 | 2 | 5 = 5): Datatype {
  return {
    name,
    bytes,
    perLine,
    networkOrder: false,
    parse: (text) => number(text, 2 ** 32 - 1),
    print: (value) => String(value),
  };
}

function symbolType(
  name: DatatypeName,
  symbols: SymbolTable,
  more: {
    readonly bytes: number;
    readonly flags?: boolean;
    readonly networkOrder?: boolean;
    readonly other?: (value: number) => string;
  },
): Datatype {
  const byName = new Map(symbols.map(([text, value]) => [text, value]));
  const one = (text: string): number | undefined => byName.get(text) ?? number(text, 2 ** (8 * more.bytes) - 1);
  const other = more.other ?? String;
  const isFlags = more.flags === true;
  return {
    name,
    bytes: more.bytes,
    perLine: name === 'ct_state' ? 2 : 1,
    networkOrder: more.networkOrder ?? false,
    ...(isFlags ? { flags: true } : {}),
    parse(text) {
      if (!isFlags) return one(text);
      let all = 0;
      for (const part of text.split(/[,|]/)) {
        const bit = one(part.trim());
        if (bit === undefined) return undefined;
        all |= bit;
      }
      return all >>> 0;
    },
    print(value) {
      if (typeof value !== 'number') return String(value);
      const exact = symbols.find(([, symbol]) => symbol === value)?.[0];
      if (exact !== undefined || !isFlags || value === 0) return exact ?? other(value);
      const names = symbols.flatMap(([text, symbol]) => ((value & symbol) !== 0 ? [text] : []));
      const rest = symbols.reduce((left, [, symbol]) => left & ~symbol, value) >>> 0;
      return [...names, ...(rest === 0 ? [] : [other(rest)])].join(',');
    },
  };
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function addressType(
  name: 'ipv4_addr' | 'ipv6_addr',
  bytes: number,
  perLine: 1 | 2,
  own: (ip: IpAddr) => boolean,
): Datatype {
  return {
    name,
    bytes,
    perLine,
    networkOrder: true,
    parse(text) {
      const ip = parseIp(text);
      return ip !== undefined && own(ip) ? ip : undefined;
    },
    print: (value) => printAddress(value),
  };
}

function printAddress(value: Value): string {
  if (typeof value === 'number') return printIp(ip4(value));
  return typeof value === 'bigint' ? printIp(ip6(value)) : value;
}

const nameType = (name: 'ifname' | 'iface_index', bytes: number, perLine: 1 | 5): Datatype => ({
  name,
  bytes,
  perLine,
  networkOrder: false,
  parse: (text) => (/^[^\s"]{1,15}$/.test(text) ? text : undefined),
  print: (value) => `"${value}"`,
});

const hexCode = (value: number) => hex(value, 2);

const TYPES: readonly Datatype[] = [
  addressType('ipv4_addr', 4, 2, isIp4),
  addressType('ipv6_addr', 16, 1, isIp6),
  {
    name: 'inet_proto',
    bytes: 1,
    perLine: 5,
    networkOrder: true,
    parse: (text) => parseProtocol(text),
    print: (value) =>
      typeof value === 'number' && value !== 0 ? printProtocol(value) : value === 0 ? 'ip' : String(value),
  },
  {
    name: 'inet_service',
    bytes: 2,
    perLine: 5,
    networkOrder: true,
    parse: (text) => parsePort(text) ?? number(text, 65535),
    print: (value) => String(value),
  },
  {
    ...integerType('mark', 4),
    print: (value) => (typeof value === 'number' ? hex(value, 8) : String(value)),
  },
  nameType('ifname', 16, 1),
  nameType('iface_index', 4, 5),
  symbolType('ct_state', CT_STATES, { bytes: 4, flags: true, other: (value) => hex(value, 8) }),
  symbolType('ct_status', CT_STATUS, { bytes: 4, flags: true, other: (value) => hex(value, 8) }),
  symbolType('ct_dir', CT_DIRECTIONS, { bytes: 1 }),
  symbolType('fib_addrtype', FIB_TYPES, { bytes: 4 }),
  symbolType('icmp_type', ICMP_TYPES, { bytes: 1, networkOrder: true }),
  symbolType('icmp_code', ICMP_CODES, { bytes: 1, networkOrder: true }),
  symbolType('icmpv6_type', ICMP6_TYPES, { bytes: 1, networkOrder: true }),
  symbolType('icmpv6_code', ICMP6_CODES, { bytes: 1, networkOrder: true }),
  symbolType('nf_proto', NF_PROTOCOLS, { bytes: 1 }),
  symbolType('pkt_type', PACKET_TYPES, { bytes: 1 }),
  { ...integerType('uid', 4), parse: (text) => (text === 'root' ? 0 : number(text, 2 ** 32 - 1)) },
  { ...integerType('gid', 4), parse: (text) => (text === 'root' ? 0 : number(text, 2 ** 32 - 1)) },
  {
    name: 'ether_addr',
    bytes: 6,
    perLine: 1,
    networkOrder: true,
    parse: (text) => parseMac(text),
    print: (value) => String(value),
  },
  symbolType('dscp', DSCP, { bytes: 1, networkOrder: true, other: hexCode }),
  symbolType('tcp_flag', TCP_FLAGS, { bytes: 1, flags: true, networkOrder: true, other: hexCode }),
  symbolType(
    'boolean',
    [
      ['exists', 1],
      ['missing', 0],
    ],
    { bytes: 1 },
  ),
  {
    ...integerType('time', 8),
    parse: (text) => parseDuration(text),
    print: (value) => (typeof value === 'number' ? printDuration(value) : String(value)),
  },
  integerType('integer', 4),
];

const BY_NAME = new Map<string, Datatype>(TYPES.map((type) => [type.name, type]));

/** The type called so; undefined for names that nettrace does not know. */
export function findDatatype(name: string): Datatype | undefined {
  return BY_NAME.get(name);
}

/** A name without a type of its own here is a number of four bytes. */
export function datatype(name: DatatypeName): Datatype {
  return BY_NAME.get(name) ?? integerType(name, 4);
}
