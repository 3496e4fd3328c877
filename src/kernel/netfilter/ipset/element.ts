/** One element of a set: what an `add` line says, ranges expanded. */
import { invariant } from '../../../lib/assert.ts';
import { type IpAddr, ip4, isIp4, parseIp6, printIp } from '../../../net/address.ts';
import { maskIp, parsePrefix, widthOf } from '../../../net/prefix.ts';
import { ArgumentReader } from '../arguments.ts';
import type { IpsetType } from '../ipset.ts';
import { type CreateOptions, cutAddress, parseAddressRange } from './create-options.ts';
import { readExtensions } from './extension.ts';
import { parsePort, parsePortRange, printPort } from './port.ts';
import { type Dimension, IPSET_TYPES, type TypeFacts } from './type.ts';

export type Part =
  | { readonly kind: 'ip'; readonly address: IpAddr }
  | { readonly kind: 'net'; readonly address: IpAddr; readonly bits: number }
  /** bitmap:port keeps no protocol. */
  | { readonly kind: 'port'; readonly protocol: number | undefined; readonly port: number }
  /** `physical` entries (physdev:) are about bridge ports. */
  | { readonly kind: 'iface'; readonly name: string; readonly physical: boolean }
  | { readonly kind: 'set'; readonly name: string };

export type Element = {
  /** One for each dimension of the type. */
  readonly parts: readonly Part[];
  /** An exception: the look-up ends here with no. */
  readonly nomatch: boolean;
  /** hash:net,iface: the name is the beginning of interface names. */
  readonly wildcard: boolean;
  /** Seconds to live; undefined in a set without timeouts. Time does not pass for it here. */
  readonly timeout: number | undefined;
  /** Counters, comment and packet metadata in ipset save's words. They decide nothing. */
  readonly metadata: string;
};

/** One `add` never makes more elements than this, whatever the set's maxelem says. */
const MOST_ELEMENTS = 2 ** 20;

/** What decides how an element reads and how it is looked up. */
export type SetShape = { readonly type: IpsetType; readonly family: 4 | 6; readonly options: CreateOptions };

/**
 * Reads `ELEMENT [timeout N] [nomatch] …` up to the end of the words.
 * @throws ArgumentError at the word that does not fit.
 */
export function parseElements(reader: ArgumentReader, shape: SetShape): readonly Element[] {
  const facts = IPSET_TYPES[shape.type];
  const text = reader.next('an element');
  const words = facts.dimensions.length === 1 ? [text] : text.split(',');
  if (words.length !== facts.dimensions.length || words.some((word) => word === '')) {
    throw reader.error(`"${text}" is no element of a ${shape.type} set`, formOf(facts));
  }
  const choices = facts.dimensions.map((dimension, place) =>
    parsePart(reader, words[place] ?? '', dimension, place, shape),
  );
  const count = choices.reduce((product, parts) => product * parts.length, 1);
  if (count > MOST_ELEMENTS) throw reader.error(`"${text}" stands for more than ${MOST_ELEMENTS} elements`);
  const extensions = readExtensions(reader, shape);
  return product(choices).map((parts) => ({ parts, ...extensions }));
}

/**
 * What parseElements() makes of an address's text, without the text where the set keeps whole addresses: sets of a policy
 * hold tens of thousands.
 */
export function addressElements(shape: SetShape): (address: IpAddr) => readonly Element[] {
  const { type, family } = shape;
  if (type !== 'hash:net') return (address) => parseElements(new ArgumentReader([printIp(address)]), shape);
  const extensions = readExtensions(new ArgumentReader([]), shape);
  return (address) => {
    invariant(isIp4(address) === (family === 4), `${printIp(address)} is no IPv${family} address`);
    return [{ parts: [{ kind: 'net', address, bits: widthOf(family) }], ...extensions }];
  };
}

/** As `ipset save` writes it behind `add NAME`. */
export function printElement(element: Element): string {
  return [
    printParts(element.parts),
    ...(element.timeout === undefined ? [] : [`timeout ${element.timeout}`]),
    ...(element.nomatch ? ['nomatch'] : []),
    ...(element.wildcard ? ['wildcard'] : []),
    ...(element.metadata === '' ? [] : [element.metadata]),
  ].join(' ');
}

/** The element proper: two with the same text are the same element to the kernel. */
export function printParts(parts: readonly Part[]): string {
  return parts.map(printPart).join(',');
}

function printPart(part: Part): string {
  switch (part.kind) {
    case 'ip':
      return printIp(part.address);
    case 'net': {
      const full = widthOf(isIp4(part.address) ? 4 : 6);
      return part.bits === full ? printIp(part.address) : `${printIp(part.address)}/${part.bits}`;
    }
    case 'port':
      return part.protocol === undefined ? String(part.port) : printPort(part.protocol, part.port);
    case 'iface':
      return part.physical ? `physdev:${part.name}` : part.name;
    case 'set':
      return part.name;
  }
}

function formOf({ dimensions }: TypeFacts): string {
  const forms: Readonly<Record<Dimension, string>> = {
    ip: 'ADDRESS',
    net: 'ADDRESS/LENGTH',
    port: 'PROTOCOL:PORT',
    iface: 'INTERFACE',
    set: 'SET',
  };
  return dimensions.map((dimension) => forms[dimension]).join(',');
}

/** The parts that one text stands for: several for a range. */
function parsePart(
  reader: ArgumentReader,
  text: string,
  dimension: Dimension,
  place: number,
  shape: SetShape,
): readonly Part[] {
  switch (dimension) {
    case 'ip':
      return addressesOf(reader, text, place, shape);
    case 'net':
      return networksOf(reader, text, shape);
    case 'port':
      return portsOf(reader, text, shape);
    case 'iface': {
      const physical = text.startsWith('physdev:');
      const name = physical ? text.slice('physdev:'.length) : text;
      if (name === '' || Buffer.byteLength(name) > 15) throw reader.error(`"${name}" is no name of an interface`);
      return [{ kind: 'iface', name, physical }];
    }
    case 'set':
      return [{ kind: 'set', name: text }];
  }
}

function addressesOf(reader: ArgumentReader, text: string, place: number, shape: SetShape): readonly Part[] {
  const addresses =
    shape.family === 6 ? [address6(reader, text, place, shape)] : addresses4(reader, text, place, shape);
  return addresses.map((address) => ({ kind: 'ip', address }));
}

/** Only the first address may stand for several, and only in IPv4: hash_ip6_uadt(). */
function address6(reader: ArgumentReader, text: string, place: number, { type, options }: SetShape): IpAddr {
  const address = parseIp6(text.replace(/^\[(.*)\]$/, '$1').replace(/\/128$/, ''));
  if (address === undefined) throw reader.error(`"${text}" is no IPv6 address`);
  const cut = place === 0 ? cutAddress(address, options) : address;
  if (storesNoZero(type) && cut === 0n) throw reader.error(`a ${type} set cannot hold ::`);
  return cut;
}

function addresses4(
  reader: ArgumentReader,
  text: string,
  place: number,
  { type, options }: SetShape,
): readonly IpAddr[] {
  const range = parseAddressRange(text);
  if (range === undefined || (place > 0 && range.first !== range.last))
    throw reader.error(`"${text}" is no IPv4 address`);
  const bits = place === 0 ? (options.netmask ?? 32) : 32;
  const first = Number(maskIp(ip4(range.first), bits));
  const step = 2 ** (32 - bits);
  if ((range.last - first) / step >= MOST_ELEMENTS)
    throw reader.error(`"${text}" holds more than ${MOST_ELEMENTS} addresses`);
  const addresses = new Set<IpAddr>();
  for (let next = first; next <= range.last; next += step)
    addresses.add(place === 0 ? cutAddress(ip4(next), options) : ip4(next));
  if (storesNoZero(type) && addresses.has(ip4(0))) throw reader.error(`a ${type} set cannot hold 0.0.0.0`);
  const limits = type === 'bitmap:ip' ? options.range : undefined;
  if (limits !== undefined && (range.first < limits.first || range.last > limits.last))
    throw reader.error(`"${text}" lies outside the set's range`);
  return [...addresses];
}

/** The null element: hash_ip4_kadt() and hash_ipport4_kadt() neither store nor find it. */
export function storesNoZero(type: IpsetType): boolean {
  return type === 'hash:ip' || type === 'hash:ip,port';
}

function networksOf(reader: ArgumentReader, text: string, { type, family }: SetShape): readonly Part[] {
  const dash = family === 4 && text.includes('-') ? parseAddressRange(text) : undefined;
  if (dash !== undefined && dash.last - dash.first < 0xffffffff) return coverRange(dash.first, dash.last);
  const plain = family === 6 ? text.replace(/^\[(.*)\]/, '$1') : text;
  // A length in digits only: ipset takes no dotted mask.
  const prefix = /^[^/]+(\/\d+)?$/.test(plain) ? parsePrefix(plain) : undefined;
  if (prefix === undefined || isIp4(prefix.addr) !== (family === 4)) {
    throw reader.error(`"${text}" is no IPv${family} network`, 'ADDRESS or ADDRESS/LENGTH');
  }
  if (prefix.bits === 0 && !IPSET_TYPES[type].netZero) {
    throw reader.error(
      `a ${type} set cannot hold a network of length 0`,
      'add the two halves, such as 0.0.0.0/1 and 128.0.0.0/1',
    );
  }
  return [{ kind: 'net', address: maskIp(prefix.addr, prefix.bits), bits: prefix.bits }];
}

/** The fewest networks that hold just these addresses, from the first on: ip_set_range_to_cidr(). */
function coverRange(first: number, last: number): readonly Part[] {
  const parts: Part[] = [];
  for (let next = first; next <= last; ) {
    let bits = 32;
    while (bits > 1 && next % 2 ** (33 - bits) === 0 && next + 2 ** (33 - bits) - 1 <= last) bits--;
    parts.push({ kind: 'net', address: ip4(next), bits });
    next += 2 ** (32 - bits);
  }
  return parts;
}

function portsOf(reader: ArgumentReader, text: string, { type, family, options }: SetShape): readonly Part[] {
  if (type === 'bitmap:port') {
    const range = parsePortRange(text.slice(text.indexOf(':') + 1));
    if (range === undefined) throw reader.error(`"${text}" is no port`, 'a number from 0 to 65535, or FIRST-LAST');
    const limits = options.range;
    if (limits === undefined || range.first < limits.first || range.last > limits.last) {
      throw reader.error(`"${text}" lies outside the set's range`);
    }
    return span(range.first, range.last).map((port) => ({ kind: 'port', protocol: undefined, port }));
  }
  const range = parsePort(text, family);
  if (typeof range === 'string') throw reader.error(range);
  return span(range.first, range.last).map((port) => ({ kind: 'port', protocol: range.protocol, port }));
}

function span(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function product(choices: readonly (readonly Part[])[]): readonly (readonly Part[])[] {
  return choices.reduce<readonly (readonly Part[])[]>(
    (heads, parts) => heads.flatMap((head) => parts.map((part) => [...head, part])),
    [[]],
  );
}
