/**
 * MASQUERADE and REDIRECT: NAT to an address of the machine itself, found when the packet passes.
 * net/netfilter/xt_MASQUERADE.c, net/netfilter/xt_REDIRECT.c, net/netfilter/nf_nat_masquerade.c, net/netfilter/nf_nat_redirect.c
 */
import { defineTarget, type NatRange } from '../target.ts';
import { printNat, printPorts, readToPorts } from './nat-range.ts';
import { readOptions } from './options.ts';

const printWords = (range: NatRange): string =>
  printNat(range.ports === undefined ? [] : [`--to-ports ${printPorts(range)}`], range);

export const MASQUERADE = defineTarget<NatRange>({
  name: 'MASQUERADE',
  kernel: 'net/netfilter/xt_MASQUERADE.c',
  needsConntrack: true,
  parse(reader, context) {
    const options = readOptions(reader, 'MASQUERADE', { '--to-ports': 1, '--random': 0, '--random-fully': 0 });
    return {
      ...readToPorts(options, context),
      ...(options.has('--random') ? { random: true } : {}),
      ...(options.has('--random-fully') ? { randomFully: true } : {}),
    };
  },
  print: printWords,
  fire: (range) => ({ kind: 'masquerade', range }),
});

export const REDIRECT = defineTarget<NatRange>({
  name: 'REDIRECT',
  kernel: 'net/netfilter/xt_REDIRECT.c',
  needsConntrack: true,
  parse(reader, context) {
    const options = readOptions(reader, 'REDIRECT', { '--to-ports': 1, '--random': 0 });
    return { ...readToPorts(options, context), ...(options.has('--random') ? { random: true } : {}) };
  },
  print: printWords,
  fire: (range) => ({ kind: 'redirect', range }),
});
