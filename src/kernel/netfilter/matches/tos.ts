import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import { badName, badValue, parseNumber, printNot, wordOf } from '../options.ts';
import { TOS_NAME_MASK, TOS_NAMES } from '../tos-names.ts';
import { defineOptionMatch } from './option-match.ts';

/** tos_mt(): the octet whose upper six bits are the DSCP; the two ECN bits of a packet are 0 here. */
export const tos = defineOptionMatch({
  name: 'tos',
  kernel: 'net/netfilter/xt_dscp.c',
  options: [{ name: '--tos', not: true }],
  read: (given, _context, at): { readonly not: boolean; readonly value: number; readonly mask: number } => {
    const use = given.get('--tos');
    if (use === undefined) throw new ArgumentError('the tos match needs --tos', at);
    const text = wordOf(use);
    if (/^[a-z]/i.test(text)) {
      const named = TOS_NAMES.get(text.toLowerCase());
      if (named === undefined) throw badName(use, 'type of service', text, [...TOS_NAMES.keys()]);
      return { not: use.not, value: named, mask: TOS_NAME_MASK };
    }
    const [left = '', right, ...more] = text.split('/');
    const value = parseNumber(left);
    const mask = right === undefined ? 0xff : parseNumber(right);
    if (value === undefined || mask === undefined || value > 255 || mask > 255 || more.length > 0)
      throw badValue(use, `${quote(text)} is not a type of service`, 'value or value/mask, each from 0 to 0xff');
    return { not: use.not, value, mask };
  },
  print: ({ not, value, mask }) =>
    `${printNot(not)}--tos 0x${value.toString(16).padStart(2, '0')}/0x${mask.toString(16).padStart(2, '0')}`,
  test: ({ not, value, mask }, { packet }) => ((((packet.dscp ?? 0) << 2) & mask) === value) !== not,
});
