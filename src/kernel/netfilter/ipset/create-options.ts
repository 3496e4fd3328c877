/** The options behind `create NAME TYPE [family F]`. */

import { familyOf, type IpAddr, ip4, ip6, isIp4, parseIp, parseIp4, printIp } from '../../../net/address.ts';
import { lastIp, maskIp, network, parsePrefix, widthOf } from '../../../net/prefix.ts';
import type { ArgumentReader } from '../arguments.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { IpsetType } from '../ipset.ts';
import { parseNumber } from './number.ts';
import { parsePortRange } from './port.ts';
import { IPSET_TYPES } from './type.ts';

/** Absent: not given, or without meaning for the type. */
export type CreateOptions = {
  readonly hashsize?: number;
  /** Most elements of a hash; the kernel refuses more. */
  readonly maxelem?: number;
  /** Prefix length to which addresses are cut, on adding and on looking up. */
  readonly netmask?: number;
  /** The same with any mask. */
  readonly bitmask?: IpAddr;
  /** Seconds that entries live unless they say otherwise; 0 is for ever. */
  readonly timeout?: number;
  readonly counters?: boolean;
  readonly comment?: boolean;
  readonly skbinfo?: boolean;
  readonly bucketsize?: number;
  readonly initval?: number;
  /** Ends of a bitmap: ports or IPv4 addresses. */
  readonly range?: { readonly first: number; readonly last: number };
  readonly size?: number;
};

/** Words that say nothing here, with the number of their values: `ipset save` 7.17 forgets the first three itself. */
const PASSED: ReadonlyMap<string, number> = new Map([
  ['forceadd', 0],
  ['probes', 1],
  ['resize', 1],
  // Read beforehand (readFamily()): other options depend on it, and it may stand behind them.
  ['family', 1],
  ['-4', 0],
  ['-6', 0],
]);

/** Reads options up to the end of the words. Throws ArgumentError at the word that does not fit. */
export function parseCreateOptions(reader: ArgumentReader, type: IpsetType, family: 4 | 6): CreateOptions {
  let options: CreateOptions = {};
  const known = IPSET_TYPES[type].options;
  while (!reader.done) {
    const name = reader.next();
    const passed = type.startsWith('hash:') ? PASSED.get(name) : undefined;
    if (passed !== undefined) {
      if (passed === 1) reader.next(`a value for ${name}`);
    } else if (known.includes(name)) {
      options = { ...options, ...readOption(reader, name, type, family) };
    } else {
      const hint = didYouMean(name, known) ?? `${type} knows ${known.join(', ')}`;
      throw reader.error(`unknown option "${name}" of a set of type ${type}`, hint);
    }
  }
  if (known.includes('range') && options.range === undefined) throw reader.error(`a set of type ${type} needs range`);
  if (options.netmask !== undefined && options.bitmask !== undefined) {
    throw reader.error('netmask and bitmask exclude each other');
  }
  return withDefaults(type, family, options);
}

function readOption(reader: ArgumentReader, name: string, type: IpsetType, family: 4 | 6): CreateOptions {
  const number = (min: number, max: number): number => {
    const word = reader.next(`a value for ${name}`);
    const value = parseNumber(word);
    if (value === undefined || value < min || value > max) {
      throw reader.error(`${name} takes a number from ${min} to ${max}, not "${word}"`);
    }
    return value;
  };
  switch (name) {
    // mtype_create(): rounded up to a power of two, 64 at least.
    case 'hashsize':
      return { hashsize: 2 ** Math.max(6, Math.ceil(Math.log2(number(1, 2 ** 31)))) };
    case 'maxelem':
      return { maxelem: number(1, 0xffffffff) };
    case 'netmask':
      return { netmask: number(1, widthOf(family)) };
    case 'bitmask':
      return { bitmask: readBitmask(reader, family) };
    case 'timeout':
      return { timeout: number(0, 2147483) };
    case 'counters':
      return { counters: true };
    case 'comment':
      return { comment: true };
    case 'skbinfo':
      return { skbinfo: true };
    // AHASH_INIT_SIZE to AHASH_MAX_SIZE, even.
    case 'bucketsize':
      return { bucketsize: Math.min(12, Math.max(2, Math.ceil(number(0, 255) / 2) * 2)) };
    case 'initval':
      return { initval: number(0, 0xffffffff) };
    case 'size':
      return { size: Math.max(4, number(0, 0xffffffff)) };
    case 'range':
      return { range: type === 'bitmap:port' ? readPorts(reader) : readAddresses(reader) };
    default:
      return {};
  }
}

function readBitmask(reader: ArgumentReader, family: 4 | 6): IpAddr {
  const word = reader.next('a value for bitmask');
  const mask = parseIp(word);
  if (mask === undefined || familyOf(mask) !== family || BigInt(mask) === 0n) {
    throw reader.error(`bitmask takes an IPv${family} mask other than zero, not "${word}"`);
  }
  return mask;
}

function readPorts(reader: ArgumentReader): { readonly first: number; readonly last: number } {
  const word = reader.next('a value for range');
  const range = parsePortRange(word.slice(word.indexOf(':') + 1));
  if (range === undefined || !word.includes('-')) throw reader.error(`range takes FIRST-LAST of ports, not "${word}"`);
  return range;
}

function readAddresses(reader: ArgumentReader): { readonly first: number; readonly last: number } {
  const word = reader.next('a value for range');
  const range = parseAddressRange(word);
  // IPSET_BITMAP_MAX_RANGE + 1 elements at most: bitmap_ip_create().
  if (range === undefined || range.last - range.first > 0xffff) {
    throw reader.error(`range takes FIRST-LAST or ADDRESS/LENGTH of at most 65536 addresses, not "${word}"`);
  }
  return range;
}

/** Ends of `10.0.0.1`, `10.0.0.0/24` or `10.0.0.9-10.0.0.1`, in order. */
export function parseAddressRange(text: string): { readonly first: number; readonly last: number } | undefined {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const prefix = /^[\d.]+(\/\d{1,2})?$/.test(text) ? parsePrefix(text) : undefined;
    if (prefix === undefined) return undefined;
    return { first: Number(network(prefix).addr), last: Number(lastIp(prefix)) };
  }
  const first = parseIp4(text.slice(0, dash));
  const last = parseIp4(text.slice(dash + 1));
  if (first === undefined || last === undefined) return undefined;
  return first <= last ? { first, last } : { first: last, last: first };
}

/** IPSET_DEFAULT_HASHSIZE, IPSET_DEFAULT_MAXELEM, IP_SET_LIST_DEFAULT_SIZE. */
function withDefaults(type: IpsetType, family: 4 | 6, options: CreateOptions): CreateOptions {
  const { netmask, ...rest } = options;
  // A netmask of full length is as good as none, and is not printed.
  const cut = netmask === undefined || netmask === widthOf(family) ? {} : { netmask };
  if (type === 'list:set') return { size: 8, ...rest, ...cut };
  return type.startsWith('hash:') ? { hashsize: 1024, maxelem: 65536, ...rest, ...cut } : { ...rest, ...cut };
}

/** In the order of `ipset save`. */
export function printCreateOptions(type: IpsetType, options: CreateOptions): string {
  return IPSET_TYPES[type].options
    .map((name) => printOption(name, type, options))
    .filter((text) => text !== '')
    .join(' ');
}

function printOption(name: string, type: IpsetType, options: CreateOptions): string {
  switch (name) {
    case 'hashsize':
    case 'maxelem':
    case 'netmask':
    case 'timeout':
    case 'bucketsize':
    case 'size':
      return options[name] === undefined ? '' : `${name} ${options[name]}`;
    case 'counters':
    case 'comment':
    case 'skbinfo':
      return options[name] === true ? name : '';
    case 'initval':
      return options.initval === undefined ? '' : `initval 0x${options.initval.toString(16).padStart(8, '0')}`;
    case 'bitmask':
      return options.bitmask === undefined ? '' : `bitmask ${printIp(options.bitmask)}`;
    case 'range': {
      if (options.range === undefined) return '';
      const { first, last } = options.range;
      return type === 'bitmap:port' ? `range ${first}-${last}` : `range ${printIp(ip4(first))}-${printIp(ip4(last))}`;
    }
    default:
      return '';
  }
}

/** An address as the set stores and looks it up: cut by netmask or bitmask. */
export function cutAddress(address: IpAddr, { netmask, bitmask }: CreateOptions): IpAddr {
  if (netmask !== undefined) return maskIp(address, netmask);
  if (bitmask === undefined) return address;
  const cut = BigInt(address) & BigInt(bitmask);
  return isIp4(address) ? ip4(Number(cut)) : ip6(cut);
}
