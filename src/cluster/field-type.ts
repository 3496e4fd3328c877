/** The scalar types a field may have. Each is plain data with one parser, shared by every reader of manifests. */

import { nearest } from '../lib/nearest.ts';
import { describeValue } from '../lib/quote.ts';
import { type Family, familyOf, type IpAddr, parseIp } from '../net/address.ts';
import { network, type Prefix, parsePrefix, printPrefix } from '../net/prefix.ts';

export type FieldType<T> = {
  /** Completes "expected …". */
  readonly expected: string;
  /** The value, or undefined when it is not of this type. `null` never gets here: Kubernetes reads it as absent. */
  parse(value: unknown): T | undefined;
  /** What to write instead of a rejected value. */
  hint?(value: unknown): string | undefined;
};

export const STRING: FieldType<string> = {
  expected: 'a string',
  parse: (value) => (typeof value === 'string' ? value : undefined),
  hint: (value) => (typeof value === 'boolean' || typeof value === 'number' ? `write "${value}" in quotes` : undefined),
};

/** A string, or a number or boolean that a person wrote without quotes. */
export const SCALAR: FieldType<string> = {
  expected: 'a string or a number',
  parse: (value) =>
    typeof value === 'string'
      ? value
      : typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined,
};

export const BOOLEAN: FieldType<boolean> = {
  expected: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
  hint: (value) => (typeof value === 'string' ? 'write true or false without quotes' : undefined),
};

/** An integer of the range, both ends included. */
export function integer(first: number, last: number): FieldType<number> {
  return {
    expected: `an integer ${first}-${last}`,
    parse: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= first && value <= last ? value : undefined,
    hint: (value) => (typeof value === 'string' && /^\d+$/.test(value) ? 'write the number without quotes' : undefined),
  };
}

export const PORT = integer(1, 65535);

/** A port number, or the name of a container's port: an IANA service name, at most 15 characters (RFC 6335 section 5.1). */
export const PORT_OR_NAME: FieldType<number | string> = {
  expected: 'a port 1-65535 or the name of a port',
  parse: (value) => PORT.parse(value) ?? (typeof value === 'string' && isPortName(value) ? value : undefined),
  hint: (value) => (typeof value === 'string' && /^\d+$/.test(value) ? 'write the number without quotes' : undefined),
};

/** IsValidPortName() of apimachinery: a-z, 0-9 and single hyphens, with at least one letter. */
export function isPortName(name: string): boolean {
  return name.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && /[a-z]/.test(name);
}

export const IP: FieldType<IpAddr> = {
  expected: 'an IP address, such as 10.9.8.7 or 2001:db8::7',
  parse: (value) => (typeof value === 'string' ? parseIp(value) : undefined),
};

export function ipOf(family: Family): FieldType<IpAddr> {
  return {
    expected: family === 4 ? 'an IPv4 address, such as 10.9.8.7' : 'an IPv6 address, such as 2001:db8::7',
    parse: (value) => {
      const ip = IP.parse(value);
      return ip !== undefined && familyOf(ip) === family ? ip : undefined;
    },
  };
}

/** `10.0.0.0/8`. Host bits are kept: who may not have them says so with `withoutHostBits`. */
export const PREFIX: FieldType<Prefix> = {
  expected: 'an address range in CIDR form, such as 10.244.0.0/16',
  parse: (value) =>
    typeof value === 'string' && value.includes('/') && !value.includes('/255.') ? parsePrefix(value) : undefined,
  hint: (value) => {
    const ip = IP.parse(value);
    return ip === undefined ? undefined : `write ${String(value)}/${familyOf(ip) === 4 ? 32 : 128} for the one address`;
  },
};

/** Whether the range has bits set after its length, and what it then means. */
export function withoutHostBits(prefix: Prefix): { readonly network: Prefix; readonly changed: boolean } {
  const clean = network(prefix);
  return { network: clean, changed: clean.addr !== prefix.addr };
}

/** Says that `given` has host bits: the words of every reader that takes the network instead (seed S39). */
export function hostBitsMessage(given: Prefix): string {
  return `${printPrefix(given)} has host bits set; it is read as ${printPrefix(network(given))}`;
}

/** One of a closed set of words; a wrong one is answered with the nearest. */
export function oneOf<const T extends string>(...words: readonly T[]): FieldType<T> {
  const named = words.filter((word) => word !== '');
  return {
    expected: named.length === 1 ? `${named[0]}` : `one of ${named.join(', ')}`,
    parse: (value) => words.find((word) => word === value),
    hint: (value) => {
      const [best] = typeof value === 'string' ? nearest(value, named, 1) : [];
      return best === undefined ? undefined : `did you mean ${best}?`;
    },
  };
}

/** `expected X, got Y`. */
export function mismatch(type: FieldType<unknown>, value: unknown): string {
  return `expected ${type.expected}, got ${describeValue(value)}`;
}
