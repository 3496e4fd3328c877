import type { ReversePathOptions } from '../match.ts';
import { defineOptionMatch } from './option-match.ts';

type RpfilterSpec = ReversePathOptions & { readonly invert: boolean };

/** rpfilter_mt() */
export const rpfilter = defineOptionMatch({
  name: 'rpfilter',
  kernel: 'net/ipv4/netfilter/ipt_rpfilter.c',
  options: [
    { name: '--loose', words: 0 },
    { name: '--validmark', words: 0 },
    { name: '--accept-local', words: 0 },
    { name: '--invert', words: 0 },
  ],
  read: (given): RpfilterSpec => ({
    loose: given.has('--loose'),
    validMark: given.has('--validmark'),
    acceptLocal: given.has('--accept-local'),
    invert: given.has('--invert'),
  }),
  print: ({ loose, validMark, acceptLocal, invert }) =>
    [
      ...(loose ? ['--loose'] : []),
      ...(validMark ? ['--validmark'] : []),
      ...(acceptLocal ? ['--accept-local'] : []),
      ...(invert ? ['--invert'] : []),
    ].join(' '),
  // rpfilter_is_loopback(): what comes in by lo always passes.
  test: ({ invert, ...options }, env) => (env.inDevice === 'lo' || env.reversePath(options)) !== invert,
  /** rpfilter_check() and the hooks of its struct xt_match */
  refusal: (_spec, table, hooks) =>
    table !== 'raw' && table !== 'mangle'
      ? 'rpfilter may stand in the tables raw and mangle only'
      : hooks.some((hook) => hook !== 'PREROUTING')
        ? 'rpfilter may be reached from PREROUTING only'
        : undefined,
});
