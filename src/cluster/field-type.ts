/** The scalar types a field may have. Each is plain data with one parser, shared by every reader of manifests. */

import { nearest } from '../lib/nearest.ts';
import { describeValue } from '../lib/quote.ts';
import { type Family, familyOf, type IpAddr, parseIp } from '../net/address.ts';
import { network, type Prefix, parsePrefix, printPrefix } from '../net/prefix.ts';
import type { SchemaType } from './decode-error.ts';
import { invalid, mustBeBetween, NO_CIDR, NO_IP, unsupported, wrongPortName } from './field-error.ts';

export type FieldType<T> = {
  /** Completes "expected …". */
  readonly expected: string;
  /** The value, or undefined when it is not of this type. `null` never gets here: Kubernetes reads it as absent. */
  parse(value: unknown): T | undefined;
  /** What to write instead of a rejected value. */
  hint?(value: unknown): string | undefined;
  /** What the API server says of a rejected value of the right JSON type: bodies of field errors, one for each mistake. */
  refuse?(value: unknown): readonly string[];
  /** What the schema of a custom resource calls it. */
  readonly schema?: SchemaType;
  /** Both ends of the numbers that are accepted. */
  readonly range?: { readonly first: number; readonly last: number };
};

export const STRING: FieldType<string> = {
  expected: 'a string',
  schema: 'string',
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
  schema: 'boolean',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
  hint: (value) => (typeof value === 'string' ? 'write true or false without quotes' : undefined),
};

/** An integer of the range, both ends included. */
export function integer(first: number, last: number): FieldType<number> {
  return {
    expected: `an integer ${first}-${last}`,
    schema: 'integer',
    range: { first, last },
    refuse: (value) => [invalid(value, mustBeBetween(first, last))],
    parse: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= first && value <= last ? value : undefined,
    hint: numberHint,
  };
}

export const PORT = integer(1, 65535);

function numberHint(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d+$/.test(value) ? 'write the number without quotes' : undefined;
}

/** The name of a container's port: an IANA service name, at most 15 characters (IsValidPortName() of apimachinery). */
export const PORT_NAME: FieldType<string> = {
  expected: 'the name of a port',
  schema: 'string',
  parse: (value) => (typeof value === 'string' && isPortName(value) ? value : undefined),
  hint: numberHint,
  refuse: (value) => (typeof value === 'string' ? wrongPortName(value).map((words) => invalid(value, words)) : []),
};

/** A port number, or the name of a container's port. */
export const PORT_OR_NAME: FieldType<number | string> = {
  expected: 'a port 1-65535 or the name of a port',
  parse: (value) => PORT.parse(value) ?? PORT_NAME.parse(value),
  hint: numberHint,
  refuse: (value) => (typeof value === 'string' ? PORT_NAME : PORT).refuse?.(value) ?? [],
};

export function isPortName(name: string): boolean {
  return wrongPortName(name).length === 0;
}

export const IP: FieldType<IpAddr> = {
  expected: 'an IP address, such as 10.9.8.7 or 2001:db8::7',
  schema: 'string',
  refuse: (value) => [invalid(value, NO_IP)],
  parse: (value) => (typeof value === 'string' ? parseIp(value) : undefined),
};

export function ipOf(family: Family): FieldType<IpAddr> {
  return {
    expected: family === 4 ? 'an IPv4 address, such as 10.9.8.7' : 'an IPv6 address, such as 2001:db8::7',
    parse: (value) => {
      const ip = IP.parse(value);
      return ip !== undefined && familyOf(ip) === family ? ip : undefined;
    },
    refuse: (value) => [invalid(value, `must be a valid IPv${family} address`)],
  };
}

/** `10.0.0.0/8`. Host bits are kept: who may not have them says so with `withoutHostBits`. */
export const PREFIX: FieldType<Prefix> = {
  expected: 'an address range in CIDR form, such as 10.244.0.0/16',
  schema: 'string',
  refuse: (value) => [invalid(value, NO_CIDR)],
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
    schema: 'string',
    refuse: (value) => [unsupported(value, words)],
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
