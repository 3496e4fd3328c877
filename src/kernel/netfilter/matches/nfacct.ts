import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import { badValue, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

/** nfacct_mt(): counts, and matches whatever it is asked about (NFACCT_NO_QUOTA). Quotas are not modelled. */
export const nfacct = defineOptionMatch({
  name: 'nfacct',
  kernel: 'net/netfilter/xt_nfacct.c',
  options: [{ name: '--nfacct-name' }],
  read: (given, _context, at): { readonly name: string } => {
    const use = given.get('--nfacct-name');
    if (use === undefined) throw new ArgumentError('the nfacct match needs --nfacct-name', at);
    if (!/^[^\s"'\\\p{C}]{1,31}$/u.test(wordOf(use)))
      throw badValue(use, `${quote(wordOf(use))} is not the name of an accounting object`);
    return { name: wordOf(use) };
  },
  print: ({ name }) => `--nfacct-name ${name}`,
  test: () => true,
});
