import { type MarkSpec, printMark, readMark, testMark } from './mark-value.ts';
import { defineOptionMatch } from './option-match.ts';

/** mark_mt() */
export const mark = defineOptionMatch({
  name: 'mark',
  kernel: 'net/netfilter/xt_mark.c',
  options: [{ name: '--mark', not: true }],
  read: (given, _context, at): MarkSpec => readMark(given.get('--mark'), 'mark', at),
  print: printMark,
  test: (spec, env) => testMark(spec, env.mark),
});
