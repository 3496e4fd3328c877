/**
 * CT and its forerunner NOTRACK: what conntrack shall do with the packet. net/netfilter/xt_CT.c
 * Only --notrack changes the walk; zones, helpers and event masks are kept for printing.
 */

import { parseNumber } from '../options.ts';
import { defineTarget } from '../target.ts';
import { type Options, readOptions } from './options.ts';
import { printSaveWord } from './save-string.ts';

/** In the kernel's order (enum ip_conntrack_events), which is also that of printing. */
const CT_EVENTS = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
] as const;
const EXPECT_EVENTS = ['new'] as const;

type Zone = { readonly option: '--zone' | '--zone-orig' | '--zone-reply'; readonly zone: number | 'mark' };

type CtSpec = {
  readonly notrack: boolean;
  readonly helper: string | undefined;
  readonly timeout: string | undefined;
  readonly ctEvents: readonly string[];
  readonly expectEvents: readonly string[];
  readonly zone: Zone | undefined;
};

export const CT = defineTarget<CtSpec>({
  name: 'CT',
  kernel: 'net/netfilter/xt_CT.c',
  // xt_ct_tg_check(): with --notrack no connection template is made, so that conntrack need not be there.
  needsConntrack: (spec) => !spec.notrack,
  parse(reader, context) {
    const options = readOptions(reader, 'CT', {
      '--notrack': 0,
      '--helper': 1,
      '--timeout': 1,
      '--ctevents': 1,
      '--expevents': 1,
      '--zone': 1,
      '--zone-orig': 1,
      '--zone-reply': 1,
    });
    const notrack = options.has('--notrack');
    for (const name of ['--helper', '--timeout']) {
      const wild = context.protocol === undefined || context.protocol === 0 || context.protocolInverted;
      if (options.has(name) && wild && !notrack) throw options.error(name, `${name} needs -p PROTOCOL`);
    }
    return {
      notrack,
      helper: options.word('--helper'),
      timeout: options.word('--timeout'),
      ctEvents: eventsOf(options, '--ctevents', CT_EVENTS),
      expectEvents: eventsOf(options, '--expevents', EXPECT_EVENTS),
      zone: zoneOf(options),
    };
  },
  print: (spec) =>
    [
      ...(spec.notrack ? ['--notrack'] : []),
      ...(spec.helper === undefined ? [] : [`--helper ${printSaveWord(spec.helper)}`]),
      ...(spec.timeout === undefined ? [] : [`--timeout ${printSaveWord(spec.timeout)}`]),
      ...(spec.ctEvents.length === 0 ? [] : [`--ctevents ${spec.ctEvents.join(',')}`]),
      ...(spec.expectEvents.length === 0 ? [] : [`--expevents ${spec.expectEvents.join(',')}`]),
      ...(spec.zone === undefined ? [] : [`${spec.zone.option} ${spec.zone.zone}`]),
    ].join(' '),
  fire(spec) {
    if (spec.notrack) return { kind: 'notrack' };
    if (spec.zone !== undefined)
      return { kind: 'alter', what: `conntrack zone ${spec.zone.zone} (zones are not modelled)` };
    return { kind: 'alter', what: 'a template for the connection' };
  },
});

/** The old name; iptables-save still prints it. */
export const NOTRACK = defineTarget<undefined>({
  name: 'NOTRACK',
  kernel: 'net/netfilter/xt_CT.c',
  parse: () => undefined,
  print: () => '',
  fire: () => ({ kind: 'notrack' }),
});

function eventsOf(options: Options, name: string, known: readonly string[]): readonly string[] {
  const words = options.word(name)?.split(',') ?? [];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) throw options.error(name, `unknown event "${unknown}"`, `one of ${known.join(', ')}`);
  return known.filter((event) => words.includes(event));
}

/** Zone 0 is the default one and says nothing. */
function zoneOf(options: Options): Zone | undefined {
  const option = options.oneOf('--zone', '--zone-orig', '--zone-reply');
  if (option === undefined) return undefined;
  const word = options.required(option);
  if (word === 'mark') return { option, zone: 'mark' };
  const zone = parseNumber(word);
  if (zone === undefined || zone > 65535)
    throw options.error(option, `${option} takes 0 to 65535 or "mark", not "${word}"`);
  return zone === 0 ? undefined : { option, zone };
}
