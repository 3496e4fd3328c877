/** The match every rule begins with: addresses, devices, protocol, fragment (struct ipt_ip, struct ip6t_ip6). */
import { quote } from '../../../lib/quote.ts';
import { type IpAddr, ip4, ip6, isIp4, isIp6, parseIp, printIp } from '../../../net/address.ts';
import { protocolNumber } from '../../../net/packet.ts';
import { maskIp, type Prefix, parsePrefix } from '../../../net/prefix.ts';
import { PROTOCOL_NAMES, parseProtocol, printProtocol } from '../../../net/protocol-name.ts';
import type { Match, MatchEnv, Narrowing } from '../match.ts';
import { badName, badValue, type Given, type OptionForm, optionTable, printNot, type Use, wordOf } from '../options.ts';
import { matchesInterface, parseInterface } from './interface-name.ts';

/** `bits` is undefined for a mask with holes (255.0.255.0), which iptables takes for IPv4. */
type AddressSpec = {
  readonly not: boolean;
  readonly addr: IpAddr;
  readonly mask: IpAddr;
  readonly bits: number | undefined;
};
type DeviceSpec = { readonly not: boolean; readonly name: string };

type HeaderSpec = {
  readonly src: AddressSpec | undefined;
  readonly dst: AddressSpec | undefined;
  readonly inDevice: DeviceSpec | undefined;
  readonly outDevice: DeviceSpec | undefined;
  readonly protocol: { readonly not: boolean; readonly number: number } | undefined;
  readonly fragment: { readonly not: boolean } | undefined;
};

type Name = '-s' | '-d' | '-i' | '-o' | '-p' | '-f';

const FORMS: readonly OptionForm<Name>[] = [
  { name: '-s', also: ['--source', '--src'], not: true },
  { name: '-d', also: ['--destination', '--dst'], not: true },
  { name: '-i', also: ['--in-interface'], not: true },
  { name: '-o', also: ['--out-interface'], not: true },
  { name: '-p', also: ['--protocol', '--proto'], not: true },
  { name: '-f', also: ['--fragment'], words: 0, not: true },
];

/** Every rule takes them, without any `-m`. */
export const HEADER_OPTIONS = optionTable(FORMS);

/** Restrictions that restrict nothing (`-p all`, `-s 0.0.0.0/0`, `-i +`) are left out, as iptables-save leaves them out. */
export function readHeader(given: Given<Name>, family: 4 | 6): HeaderSpec {
  const fragment = given.get('-f');
  if (fragment !== undefined && family === 6) throw badValue(fragment, 'ip6tables has no -f', '-m frag');
  return {
    src: readAddress(given.get('-s'), family),
    dst: readAddress(given.get('-d'), family),
    inDevice: readDevice(given.get('-i')),
    outDevice: readDevice(given.get('-o')),
    protocol: readProtocol(given.get('-p')),
    fragment: fragment === undefined ? undefined : { not: fragment.not },
  };
}

function readAddress(use: Use | undefined, family: 4 | 6): AddressSpec | undefined {
  if (use === undefined) return undefined;
  const text = wordOf(use);
  if (text.includes(',')) throw badValue(use, `${quote(text)} is more than one address`, 'one rule for each address');
  const prefix = parsePrefix(text);
  const spec =
    prefix === undefined
      ? readHoles(text)
      : { addr: maskIp(prefix.addr, prefix.bits), mask: maskOf(prefix), bits: prefix.bits };
  if (spec === undefined)
    throw badValue(
      use,
      `${quote(text)} is not an address or prefix`,
      family === 4 ? 'such as 10.0.0.0/8' : 'such as 2001:db8::/32',
    );
  if (isIp4(spec.addr) !== (family === 4)) throw badValue(use, `${quote(text)} is not an IPv${family} address`);
  return spec.bits === 0 && !use.not ? undefined : { not: use.not, addr: spec.addr, mask: spec.mask, bits: spec.bits };
}

function maskOf(prefix: Prefix): IpAddr {
  return maskIp(isIp4(prefix.addr) ? ip4(0xffffffff) : ip6(-1n), prefix.bits);
}

/** `10.0.0.0/255.0.255.0` */
function readHoles(text: string): Omit<AddressSpec, 'not'> | undefined {
  const slash = text.indexOf('/');
  const [addr, mask] = [parseIp(text.slice(0, Math.max(slash, 0))), parseIp(text.slice(slash + 1))];
  if (addr === undefined || mask === undefined || !isIp4(addr) || !isIp4(mask)) return undefined;
  return { addr: ip4(addr & mask), mask, bits: undefined };
}

function readDevice(use: Use | undefined): DeviceSpec | undefined {
  if (use === undefined) return undefined;
  const device = parseInterface(use);
  // `! -i +` matches nothing; iptables-legacy-save loses it, iptables-nft-save does not.
  return device === '+' && !use.not ? undefined : { not: use.not, name: device };
}

function readProtocol(use: Use | undefined): { readonly not: boolean; readonly number: number } | undefined {
  if (use === undefined) return undefined;
  const number = parseProtocol(wordOf(use));
  if (number === undefined) throw badName(use, 'protocol', wordOf(use), PROTOCOL_NAMES);
  if (number === 0 && use.not) throw badValue(use, '! -p all matches nothing');
  return number === 0 ? undefined : { not: use.not, number };
}

/** The match, or undefined when nothing is restricted. */
export function headerMatch(spec: HeaderSpec): Match | undefined {
  if (Object.values(spec).every((part) => part === undefined)) return undefined;
  const { protocol, dst } = spec;
  const narrows: Narrowing = {
    protocol: protocol === undefined || protocol.not ? undefined : protocol.number,
    dst: dst?.bits === undefined || dst.not ? undefined : { addr: dst.addr, bits: dst.bits },
  };
  return { name: 'header', narrows, test: (env) => testHeader(spec, env), print: () => printHeader(spec) };
}

/** ip_packet_match() in net/ipv4/netfilter/ip_tables.c, ip6_packet_match() in ip6_tables.c. */
function testHeader(spec: HeaderSpec, env: MatchEnv): boolean {
  const { packet } = env;
  return (
    (spec.src === undefined || masked(packet.src, spec.src) !== spec.src.not) &&
    (spec.dst === undefined || masked(packet.dst, spec.dst) !== spec.dst.not) &&
    (spec.inDevice === undefined || matchesInterface(spec.inDevice.name, env.inDevice) !== spec.inDevice.not) &&
    (spec.outDevice === undefined || matchesInterface(spec.outDevice.name, env.outDevice) !== spec.outDevice.not) &&
    (spec.protocol === undefined || (protocolNumber(packet) === spec.protocol.number) !== spec.protocol.not) &&
    (spec.fragment === undefined || (packet.laterFragment ?? false) !== spec.fragment.not)
  );
}

function masked(address: IpAddr, spec: AddressSpec): boolean {
  if (isIp4(address) && isIp4(spec.mask)) return ip4(address & spec.mask) === spec.addr;
  return isIp6(address) && isIp6(spec.mask) && (address & spec.mask) === spec.addr;
}

function printHeader(spec: HeaderSpec): string {
  return [
    ...(spec.src === undefined ? [] : [printAddress('-s', spec.src)]),
    ...(spec.dst === undefined ? [] : [printAddress('-d', spec.dst)]),
    ...(spec.inDevice === undefined ? [] : [`${printNot(spec.inDevice.not)}-i ${spec.inDevice.name}`]),
    ...(spec.outDevice === undefined ? [] : [`${printNot(spec.outDevice.not)}-o ${spec.outDevice.name}`]),
    ...(spec.protocol === undefined ? [] : [`${printNot(spec.protocol.not)}-p ${printProtocol(spec.protocol.number)}`]),
    ...(spec.fragment === undefined ? [] : [`${printNot(spec.fragment.not)}-f`]),
  ].join(' ');
}

function printAddress(option: string, spec: AddressSpec): string {
  return `${printNot(spec.not)}${option} ${printIp(spec.addr)}/${spec.bits ?? printIp(spec.mask)}`;
}
