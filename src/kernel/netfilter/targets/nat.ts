/** DNAT and SNAT. net/netfilter/xt_nat.c xt_dnat_target_v2(), xt_snat_target_v1() */
import { defineTarget, type NatRange } from '../target.ts';
import { printNat, printNatRange, readToAddress } from './nat-range.ts';
import { readOptions } from './options.ts';

export const DNAT = defineTarget<NatRange>({
  name: 'DNAT',
  kernel: 'net/netfilter/xt_nat.c',
  needsConntrack: true,
  parse(reader, context) {
    const options = readOptions(reader, 'DNAT', { '--to-destination': 1, '--random': 0, '--persistent': 0 });
    return {
      ...readToAddress(options, '--to-destination', context),
      ...(options.has('--random') ? { random: true } : {}),
      ...(options.has('--persistent') ? { persistent: true } : {}),
    };
  },
  print: (range) => printNat([`--to-destination ${printNatRange(range)}`], range),
  fire: (range) => ({ kind: 'dnat', range }),
});

export const SNAT = defineTarget<NatRange>({
  name: 'SNAT',
  kernel: 'net/netfilter/xt_nat.c',
  needsConntrack: true,
  parse(reader, context) {
    const options = readOptions(reader, 'SNAT', {
      '--to-source': 1,
      '--random': 0,
      '--random-fully': 0,
      '--persistent': 0,
    });
    return {
      ...readToAddress(options, '--to-source', context),
      ...(options.has('--random') ? { random: true } : {}),
      ...(options.has('--random-fully') ? { randomFully: true } : {}),
      ...(options.has('--persistent') ? { persistent: true } : {}),
    };
  },
  print: (range) => printNat([`--to-source ${printNatRange(range)}`], range),
  fire: (range) => ({ kind: 'snat', range }),
});
