/** MARK: the packet's mark (skb->mark). net/netfilter/xt_mark.c mark_tg() */
import { defineTarget } from '../target.ts';
import { type Options, parseMarkMask, printHex, readOptions } from './options.ts';

/** `(mark & ~mask) ^ value`: what all the forms come down to. */
export type MarkChange = { readonly value: number; readonly mask: number };

/** The spellings of a MarkChange. */
export const MARK_OPTIONS = ['--set-mark', '--set-xmark', '--or-mark', '--and-mark', '--xor-mark'] as const;

const FULL = 0xffffffff;

/** The change that one of MARK_OPTIONS asks for, as libxt_MARK.c and libxt_CONNMARK.c encode it. */
export function readMarkChange(options: Options, name: (typeof MARK_OPTIONS)[number]): MarkChange {
  const { value, mask } = parseMarkMask(options, name);
  if (name !== '--set-mark' && name !== '--set-xmark' && mask !== undefined) {
    throw options.error(name, `${name} takes no mask`);
  }
  switch (name) {
    case '--set-mark':
      return { value, mask: ((mask ?? FULL) | value) >>> 0 };
    case '--set-xmark':
      return { value, mask: mask ?? FULL };
    case '--or-mark':
      return { value, mask: value };
    case '--and-mark':
      return { value: 0, mask: ~value >>> 0 };
    case '--xor-mark':
      return { value, mask: 0 };
  }
}

/** The new mark, unsigned. */
export function applyMarkChange({ value, mask }: MarkChange, mark: number): number {
  return ((mark & ~mask) ^ value) >>> 0;
}

/** As iptables-save writes every spelling. */
export function printMarkChange({ value, mask }: MarkChange): string {
  return `--set-xmark ${printHex(value)}/${printHex(mask)}`;
}

export const MARK = defineTarget<MarkChange>({
  name: 'MARK',
  kernel: 'net/netfilter/xt_mark.c',
  parse(reader) {
    const options = readOptions(reader, 'MARK', Object.fromEntries(MARK_OPTIONS.map((name) => [name, 1])));
    return readMarkChange(options, options.exactlyOneOf(...MARK_OPTIONS));
  },
  print: printMarkChange,
  fire: (change, env) => ({ kind: 'mark', mark: applyMarkChange(change, env.mark) }),
});
