/** CONNMARK: the mark of the connection, and its exchange with the packet's. net/netfilter/xt_connmark.c connmark_tg_shift() */
import { defineTarget } from '../target.ts';
import { applyMarkChange, MARK_OPTIONS, type MarkChange, printMarkChange, readMarkChange } from './mark.ts';
import { type Options, printHex, readOptions } from './options.ts';

const FULL = 0xffffffff;

type Shift = { readonly direction: 'left' | 'right'; readonly bits: number };

type ConnmarkSpec = { readonly shift: Shift } & (
  | { readonly mode: 'set'; readonly change: MarkChange }
  | { readonly mode: 'save' | 'restore'; readonly nfmask: number; readonly ctmask: number }
);

const MODES = [...MARK_OPTIONS, '--save-mark', '--restore-mark'] as const;

export const CONNMARK = defineTarget<ConnmarkSpec>({
  name: 'CONNMARK',
  kernel: 'net/netfilter/xt_connmark.c',
  needsConntrack: true,
  parse(reader) {
    const options = readOptions(reader, 'CONNMARK', {
      ...Object.fromEntries(MARK_OPTIONS.map((name) => [name, 1] as const)),
      '--save-mark': 0,
      '--restore-mark': 0,
      '--mask': 1,
      '--nfmask': 1,
      '--ctmask': 1,
      '--left-shift-mark': 1,
      '--right-shift-mark': 1,
    });
    options.oneOf('--mask', '--nfmask');
    options.oneOf('--mask', '--ctmask');
    const shift = readShift(options);
    const mask = options.number('--mask', 0, FULL);
    const mode = options.exactlyOneOf(...MODES);
    if (mode === '--save-mark' || mode === '--restore-mark') {
      return {
        mode: mode === '--save-mark' ? 'save' : 'restore',
        nfmask: mask ?? options.number('--nfmask', 0, FULL) ?? FULL,
        ctmask: mask ?? options.number('--ctmask', 0, FULL) ?? FULL,
        shift,
      };
    }
    for (const name of ['--mask', '--nfmask', '--ctmask']) {
      if (options.has(name)) throw options.error(name, `${name} goes with --save-mark and --restore-mark only`);
    }
    return { mode: 'set', change: readMarkChange(options, mode), shift };
  },
  print(spec) {
    const words =
      spec.mode === 'set'
        ? printMarkChange(spec.change)
        : `--${spec.mode}-mark --nfmask ${printHex(spec.nfmask)} --ctmask ${printHex(spec.ctmask)}`;
    return spec.shift.bits === 0 ? words : `${words} --${spec.shift.direction}-shift-mark ${spec.shift.bits}`;
  },
  fire(spec, env) {
    // An untracked or invalid packet has no connection to write to or read from.
    if (env.connection === undefined) return { kind: 'continue' };
    const { mark } = env.connection;
    switch (spec.mode) {
      case 'set':
        return { kind: 'connmark', mark: shifted(applyMarkChange(spec.change, mark), spec.shift) };
      case 'save':
        return { kind: 'connmark', mark: ((mark & ~spec.ctmask) ^ shifted(env.mark & spec.nfmask, spec.shift)) >>> 0 };
      case 'restore':
        return { kind: 'mark', mark: ((env.mark & ~spec.nfmask) ^ shifted(mark & spec.ctmask, spec.shift)) >>> 0 };
    }
  },
});

function readShift(options: Options): Shift {
  const name = options.oneOf('--left-shift-mark', '--right-shift-mark');
  if (name === undefined) return { direction: 'left', bits: 0 };
  // 32 is beyond what C defines for a 32-bit shift; iptables lets it pass, we do not.
  return { direction: name === '--left-shift-mark' ? 'left' : 'right', bits: options.number(name, 0, 31) ?? 0 };
}

function shifted(value: number, { direction, bits }: Shift): number {
  return direction === 'left' ? (value << bits) >>> 0 : value >>> bits;
}
