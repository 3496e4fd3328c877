import { ArgumentError } from '../arguments.ts';
import { numberRangeOf, printNot } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** length_mt(): the whole IP packet. A range whose ends are the wrong way round holds nothing. */
export const length = defineOptionMatch({
  name: 'length',
  kernel: 'net/netfilter/xt_length.c',
  options: [{ name: '--length', not: true }],
  read: (given, _context, at): { readonly not: boolean; readonly first: number; readonly last: number } => {
    const use = given.get('--length');
    if (use === undefined) throw new ArgumentError('the length match needs --length', at);
    return { not: use.not, ...numberRangeOf(use, 65535) };
  },
  print: ({ not, first, last }) => `${printNot(not)}--length ${first === last ? first : `${first}:${last}`}`,
  test: ({ not, first, last }, { packet }) => (packet.length >= first && packet.length <= last) !== not,
});
