/** DSCP and TOS: the service field of the IP header. net/netfilter/xt_DSCP.c dscp_tg(), tos_tg() */
import { didYouMean } from '../did-you-mean.ts';
import { parseNumber } from '../options.ts';
import { defineTarget } from '../target.ts';
import { TOS_NAME_MASK, TOS_NAMES } from '../tos-names.ts';
import { type Options, readOptions } from './options.ts';

/** RFC 2474 class selectors, RFC 2597 assured forwarding, RFC 3246 expedited forwarding. */
const CLASSES: ReadonlyMap<string, number> = new Map([
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`cs${n}`, n << 3] as const),
  ['be', 0],
  ...[1, 2, 3, 4].flatMap((n) => [1, 2, 3].map((drop) => [`af${n}${drop}`, (n << 3) | (drop << 1)] as const)),
  ['ef', 46],
]);

const hex2 = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

export const DSCP = defineTarget<number>({
  name: 'DSCP',
  kernel: 'net/netfilter/xt_DSCP.c',
  parse(reader) {
    const options = readOptions(reader, 'DSCP', { '--set-dscp': 1, '--set-dscp-class': 1 });
    options.exactlyOneOf('--set-dscp', '--set-dscp-class');
    const name = options.word('--set-dscp-class');
    const dscp = name === undefined ? options.number('--set-dscp', 0, 63) : CLASSES.get(name.toLowerCase());
    if (dscp === undefined) {
      const known = [...CLASSES.keys()].map((one) => one.toUpperCase());
      const hint = didYouMean(name ?? '', known) ?? 'CS0-CS7, BE, AF11-AF43 or EF';
      throw options.error('--set-dscp-class', `unknown DSCP class "${name}"`, hint);
    }
    return dscp;
  },
  print: (dscp) => `--set-dscp ${hex2(dscp)}`,
  fire: (dscp) => ({ kind: 'alter', what: `DSCP ${hex2(dscp)}`, dscp }),
});

/** `(tos & ~mask) ^ value` over the whole byte: DSCP in the upper six bits, ECN in the lower two. */
type TosSpec = { readonly value: number; readonly mask: number };

export const TOS = defineTarget<TosSpec>({
  name: 'TOS',
  kernel: 'net/netfilter/xt_DSCP.c',
  parse(reader) {
    const options = readOptions(reader, 'TOS', { '--set-tos': 1, '--and-tos': 1, '--or-tos': 1, '--xor-tos': 1 });
    const option = options.exactlyOneOf('--set-tos', '--and-tos', '--or-tos', '--xor-tos');
    if (option === '--set-tos') return setTos(options);
    const value = options.number(option, 0, 255) ?? 0;
    switch (option) {
      case '--and-tos':
        return { value: 0, mask: ~value & 0xff };
      case '--or-tos':
        return { value, mask: value };
      case '--xor-tos':
        return { value, mask: 0 };
    }
  },
  print: ({ value, mask }) => `--set-tos ${hex2(value)}/${hex2(mask)}`,
  fire({ value, mask }, env) {
    const dscp = ((((env.packet.dscp ?? 0) << 2) & ~mask) ^ value) >> 2;
    return { kind: 'alter', what: `TOS ${hex2(value)}/${hex2(mask)}`, dscp };
  },
});

function setTos(options: Options): TosSpec {
  const word = options.required('--set-tos');
  const named = TOS_NAMES.get(word.toLowerCase());
  if (named !== undefined) return { value: named, mask: TOS_NAME_MASK };
  const [first = '', second, ...more] = word.split('/');
  const value = parseNumber(first);
  const mask = second === undefined ? 0xff : parseNumber(second);
  if (value === undefined || value > 255 || mask === undefined || mask > 255 || more.length > 0) {
    throw options.error(
      '--set-tos',
      `"${word}" is no TOS value`,
      `VALUE, VALUE/MASK or one of ${[...TOS_NAMES.keys()].join(', ')}`,
    );
  }
  return { value, mask };
}
