import { quote } from '../../../lib/quote.ts';
import { type Mac, parseMac } from '../../../net/mac.ts';
import { ArgumentError } from '../arguments.ts';
import { badValue, printNot, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** mac_mt(): only packets that came in by an Ethernet frame have one; the others never match, even with `!`. */
export const mac = defineOptionMatch({
  name: 'mac',
  kernel: 'net/netfilter/xt_mac.c',
  options: [{ name: '--mac-source', not: true }],
  read: (given, _context, at): { readonly not: boolean; readonly source: Mac } => {
    const use = given.get('--mac-source');
    if (use === undefined) throw new ArgumentError('the mac match needs --mac-source', at);
    const source = parseMac(
      wordOf(use)
        .split(':')
        .map((byte) => byte.padStart(2, '0'))
        .join(':'),
    );
    if (source === undefined)
      throw badValue(use, `${quote(wordOf(use))} is not a MAC address`, 'such as 02:00:00:00:00:01');
    return { not: use.not, source };
  },
  print: ({ not, source }) => `${printNot(not)}--mac-source ${source}`,
  test: ({ not, source }, env) => env.sourceMac !== undefined && (env.sourceMac === source) !== not,
  /** The hooks of its struct xt_match */
  refusal: (_spec, _table, hooks) =>
    hooks.some((hook) => hook === 'OUTPUT' || hook === 'POSTROUTING')
      ? 'mac may be reached from PREROUTING, INPUT and FORWARD only'
      : undefined,
});
