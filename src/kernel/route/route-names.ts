/** Names for the numbers of routes, as iproute2 ships them in /etc/iproute2 (rt_tables, rt_protos, rt_scopes). */
import type { Scope } from '../link/device.ts';
import { TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from './route.ts';

const TABLES: ReadonlyMap<string, number> = new Map([
  ['unspec', 0],
  ['default', TABLE_DEFAULT],
  ['main', TABLE_MAIN],
  ['local', TABLE_LOCAL],
]);

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0, 'unspec'],
  [1, 'redirect'],
  [2, 'kernel'],
  [3, 'boot'],
  [4, 'static'],
  [8, 'gated'],
  [9, 'ra'],
  [10, 'mrt'],
  [11, 'zebra'],
  [12, 'bird'],
  [13, 'dnrouted'],
  [14, 'xorp'],
  [15, 'ntk'],
  [16, 'dhcp'],
  [18, 'keepalived'],
  [42, 'babel'],
  [99, 'openr'],
  [186, 'bgp'],
  [187, 'isis'],
  [188, 'ospf'],
  [189, 'rip'],
  [192, 'eigrp'],
]);

const SCOPES: ReadonlyMap<string, Scope> = new Map([
  ['global', 'global'],
  ['universe', 'global'],
  ['site', 'site'],
  ['link', 'link'],
  ['host', 'host'],
  ['nowhere', 'nowhere'],
  ['0', 'global'],
  ['200', 'site'],
  ['253', 'link'],
  ['254', 'host'],
  ['255', 'nowhere'],
]);

/** To suggest in errors. */
export const TABLE_WORDS: readonly string[] = [...TABLES.keys()];
export const PROTOCOL_WORDS: readonly string[] = [...PROTOCOLS.values()];
export const SCOPE_WORDS: readonly string[] = ['global', 'site', 'link', 'host', 'nowhere'];

/** A whole number in decimal or `0x` form, at most `most`; undefined when the text is something else. */
export function parseNumber(text: string, most: number): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

/** A name or a number; undefined for neither. */
export function parseTable(text: string): number | undefined {
  return TABLES.get(text) ?? parseNumber(text, 0xffffffff);
}

/** By name where it has one. */
export function printTable(table: number): string {
  for (const [name, number] of TABLES) if (number === table) return name;
  return String(table);
}

/** A protocol as iproute2 would print it: `12` and `bird` are the same. */
export function parseProtocol(text: string): string | undefined {
  for (const name of PROTOCOLS.values()) if (name === text) return name;
  const number = parseNumber(text, 255);
  return number === undefined ? undefined : (PROTOCOLS.get(number) ?? String(number));
}

/** By name alone. */
export function parseScope(text: string): Scope | undefined {
  return SCOPES.get(text);
}

/** A TOS value in decimal or hexadecimal; the two low bits belong to ECN and must be 0 (RFC 3168 section 5). */
export function parseTos(text: string): number | undefined {
  const value = parseNumber(text, 255) ?? (/^[0-9a-fA-F]{2}$/.test(text) ? Number(`0x${text}`) : undefined);
  return value !== undefined && (value & 3) === 0 ? value : undefined;
}

/** rtnl_dsfield_n2a() without the names of rt_dsfield, which differ between distributions. */
export function printTos(tos: number): string {
  return `0x${tos.toString(16).padStart(2, '0')}`;
}
