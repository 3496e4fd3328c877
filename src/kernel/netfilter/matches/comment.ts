import { ArgumentError } from '../arguments.ts';
import { wordOf } from '../options.ts';
import { printSaveString } from '../targets/save-string.ts';
import { defineOptionMatch } from './option-match.ts';

/** XT_MAX_COMMENT_LEN less its NUL, in bytes; iptables cuts off what is longer. */
const MOST_BYTES = 255;

function cut(text: string): string {
  if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  return Buffer.from(text)
    .subarray(0, MOST_BYTES)
    .toString()
    .replace(/\ufffd+$/, '');
}

/** comment_mt() */
export const comment = defineOptionMatch({
  name: 'comment',
  kernel: 'net/netfilter/xt_comment.c',
  options: [{ name: '--comment' }],
  read: (given, _context, at): { readonly text: string } => {
    const use = given.get('--comment');
    if (use === undefined) throw new ArgumentError('the comment match needs --comment', at);
    return { text: cut(wordOf(use)) };
  },
  print: ({ text }) => `--comment ${printSaveString(text)}`,
  test: () => true,
});
