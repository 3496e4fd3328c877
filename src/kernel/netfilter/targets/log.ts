/** LOG and NFLOG: the packet is written down and goes on. net/netfilter/xt_LOG.c, net/netfilter/xt_NFLOG.c */
import { didYouMean } from '../did-you-mean.ts';
import { parseNumber } from '../options.ts';
import { defineTarget } from '../target.ts';
import { type Options, readOptions } from './options.ts';
import { printSaveString } from './save-string.ts';

/** syslog's levels and their number (KERN_EMERG …); `panic` and `error` are old names. */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ['emerg', 0],
  ['panic', 0],
  ['alert', 1],
  ['crit', 2],
  ['error', 3],
  ['warning', 4],
  ['notice', 5],
  ['info', 6],
  ['debug', 7],
]);

const FLAGS = ['--log-tcp-sequence', '--log-tcp-options', '--log-ip-options', '--log-uid', '--log-macdecode'] as const;

type LogSpec = { readonly prefix: string; readonly level: number; readonly flags: readonly string[] };

export const LOG = defineTarget<LogSpec>({
  name: 'LOG',
  kernel: 'net/netfilter/xt_LOG.c',
  parse(reader) {
    const options = readOptions(reader, 'LOG', {
      '--log-level': 1,
      '--log-prefix': 1,
      '--log-tcp-sequence': 0,
      '--log-tcp-options': 0,
      '--log-ip-options': 0,
      '--log-uid': 0,
      '--log-macdecode': 0,
    });
    return {
      prefix: prefixOf(options, '--log-prefix', 29),
      level: levelOf(options),
      flags: FLAGS.filter((flag) => options.has(flag)),
    };
  },
  print: ({ prefix, level, flags }) =>
    [
      ...(prefix === '' ? [] : [`--log-prefix ${printSaveString(prefix)}`]),
      ...(level === 4 ? [] : [`--log-level ${level}`]),
      ...flags,
    ].join(' '),
  fire: ({ prefix }) => ({ kind: 'log', prefix }),
});

function levelOf(options: Options): number {
  const word = options.word('--log-level');
  if (word === undefined) return 4;
  const level = LEVELS.get(word) ?? parseNumber(word);
  if (level === undefined || level > 7) {
    const hint = didYouMean(word, LEVELS.keys()) ?? `0 to 7, or one of ${[...LEVELS.keys()].join(', ')}`;
    throw options.error('--log-level', `unknown log level "${word}"`, hint);
  }
  return level;
}

/** iptables cuts a longer prefix off, with a warning: the kernel's field has no more room. */
function prefixOf(options: Options, name: string, longest: number): string {
  const prefix = options.word(name) ?? '';
  if (options.has(name) && prefix === '') throw options.error(name, `${name} takes at least one character`);
  if (prefix.includes('\n')) throw options.error(name, `${name} takes no line break`);
  let kept = '';
  for (const character of prefix) {
    if (Buffer.byteLength(kept + character) > longest) break;
    kept += character;
  }
  return kept;
}

type NflogSpec = {
  readonly prefix: string;
  readonly group: number;
  readonly range: number | undefined;
  readonly size: number | undefined;
  readonly threshold: number;
};

export const NFLOG = defineTarget<NflogSpec>({
  name: 'NFLOG',
  kernel: 'net/netfilter/xt_NFLOG.c',
  parse(reader) {
    const options = readOptions(reader, 'NFLOG', {
      '--nflog-group': 1,
      '--nflog-prefix': 1,
      '--nflog-range': 1,
      '--nflog-size': 1,
      '--nflog-threshold': 1,
    });
    options.oneOf('--nflog-range', '--nflog-size');
    return {
      prefix: prefixOf(options, '--nflog-prefix', 63),
      group: options.number('--nflog-group', 0, 65535) ?? 0,
      range: options.number('--nflog-range', 0, 0xffffffff),
      size: options.number('--nflog-size', 0, 0xffffffff),
      threshold: options.number('--nflog-threshold', 0, 65535) ?? 0,
    };
  },
  print: ({ prefix, group, range, size, threshold }) =>
    [
      ...(prefix === '' ? [] : [`--nflog-prefix ${printSaveString(prefix)}`]),
      ...(group === 0 ? [] : [`--nflog-group ${group}`]),
      ...(size === undefined ? [] : [`--nflog-size ${size}`]),
      ...(range === undefined ? [] : [`--nflog-range ${range}`]),
      ...(threshold === 0 ? [] : [`--nflog-threshold ${threshold}`]),
    ].join(' '),
  fire: ({ prefix }) => ({ kind: 'log', prefix }),
});
