import { ArgumentError } from '../arguments.ts';
import { badName, badValue, numberOf, printNot, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** Names of code points (RFC 2474, RFC 2597, RFC 3246). */
const CLASSES: ReadonlyMap<string, number> = new Map([
  ['CS0', 0x00],
  ['CS1', 0x08],
  ['CS2', 0x10],
  ['CS3', 0x18],
  ['CS4', 0x20],
  ['CS5', 0x28],
  ['CS6', 0x30],
  ['CS7', 0x38],
  ['BE', 0x00],
  ['AF11', 0x0a],
  ['AF12', 0x0c],
  ['AF13', 0x0e],
  ['AF21', 0x12],
  ['AF22', 0x14],
  ['AF23', 0x16],
  ['AF31', 0x1a],
  ['AF32', 0x1c],
  ['AF33', 0x1e],
  ['AF41', 0x22],
  ['AF42', 0x24],
  ['AF43', 0x26],
  ['EF', 0x2e],
]);

/** dscp_mt() */
export const dscp = defineOptionMatch({
  name: 'dscp',
  kernel: 'net/netfilter/xt_dscp.c',
  options: [
    { name: '--dscp', not: true },
    { name: '--dscp-class', not: true },
  ],
  read: (given, _context, at): { readonly not: boolean; readonly value: number } => {
    const [number, name] = [given.get('--dscp'), given.get('--dscp-class')];
    if (number !== undefined && name !== undefined) throw badValue(name, '--dscp and --dscp-class exclude each other');
    if (number !== undefined) return { not: number.not, value: numberOf(number, 0, 63) };
    if (name === undefined) throw new ArgumentError('the dscp match needs --dscp or --dscp-class', at);
    const value = CLASSES.get(wordOf(name).toUpperCase());
    if (value === undefined) throw badName(name, 'DSCP class', wordOf(name), [...CLASSES.keys()]);
    return { not: name.not, value };
  },
  print: ({ not, value }) => `${printNot(not)}--dscp 0x${value.toString(16).padStart(2, '0')}`,
  test: ({ not, value }, { packet }) => ((packet.dscp ?? 0) === value) !== not,
});
