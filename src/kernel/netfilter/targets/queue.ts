/**
 * QUEUE and NFQUEUE hand the packet to a program outside the kernel, which decides. net/netfilter/xt_NFQUEUE.c
 */
import { defineTarget } from '../target.ts';
import { readOptions } from './options.ts';

/** nf_reinject(): a packet that the program accepts goes on at the next hook, and so it does where --queue-bypass finds none. */
const outcome = (what: string) => ({ kind: 'unknown', what, otherwise: 'accept' }) as const;

/** The old standard verdict: queue 0. */
export const QUEUE = defineTarget<undefined>({
  name: 'QUEUE',
  kernel: 'net/ipv4/netfilter/ip_tables.c',
  standard: true,
  parse: () => undefined,
  print: () => '',
  fire: () => outcome('a program behind queue 0 decides'),
});

type NfqueueSpec = {
  readonly first: number;
  /** Above `first`: packets are spread over the queues first..last. */
  readonly last: number;
  readonly bypass: boolean;
  readonly cpuFanout: boolean;
};

export const NFQUEUE = defineTarget<NfqueueSpec>({
  name: 'NFQUEUE',
  kernel: 'net/netfilter/xt_NFQUEUE.c',
  parse(reader) {
    const options = readOptions(reader, 'NFQUEUE', {
      '--queue-num': 1,
      '--queue-balance': 1,
      '--queue-bypass': 0,
      '--queue-cpu-fanout': 0,
    });
    options.oneOf('--queue-num', '--queue-balance');
    const balance = options.word('--queue-balance');
    const cpuFanout = options.has('--queue-cpu-fanout');
    if (cpuFanout && balance === undefined) {
      throw options.error('--queue-cpu-fanout', '--queue-cpu-fanout needs --queue-balance');
    }
    const number = options.number('--queue-num', 0, 65535) ?? 0;
    const { first, last } = balance === undefined ? { first: number, last: number } : queueRange(balance);
    if (balance !== undefined && first >= last) {
      throw options.error('--queue-balance', `--queue-balance takes FIRST:LAST of queue numbers, not "${balance}"`);
    }
    return { first, last, bypass: options.has('--queue-bypass'), cpuFanout };
  },
  print({ first, last, bypass, cpuFanout }) {
    const queues = first === last ? `--queue-num ${first}` : `--queue-balance ${first}:${last}`;
    return [queues, ...(bypass ? ['--queue-bypass'] : []), ...(cpuFanout ? ['--queue-cpu-fanout'] : [])].join(' ');
  },
  fire: ({ first, last }) =>
    outcome(`a program behind queue ${first === last ? first : `${first} to ${last}`} decides`),
});

/** Ends of `FIRST:LAST`; an empty range when it is not of that form. */
function queueRange(text: string): { readonly first: number; readonly last: number } {
  const parts = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  const last = Number(parts?.[2] ?? 0);
  return last > 65535 ? { first: 0, last: 0 } : { first: Number(parts?.[1] ?? 0), last };
}
