import { type MarkSpec, printMark, readMark, testMark } from './mark-value.ts';
import { defineOptionMatch } from './option-match.ts';

/** connmark_mt(): a packet without a connection never matches, even with `!`. */
export const connmark = defineOptionMatch({
  name: 'connmark',
  kernel: 'net/netfilter/xt_connmark.c',
  needsConntrack: true,
  options: [{ name: '--mark', not: true }],
  read: (given, _context, at): MarkSpec => readMark(given.get('--mark'), 'connmark', at),
  print: printMark,
  test: (spec, { connection }) => connection !== undefined && testMark(spec, connection.mark),
});
