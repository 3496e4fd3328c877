import { ArgumentError } from '../arguments.ts';
import type { CtState } from '../match.ts';
import { printNot } from '../options.ts';
import { readStates } from './ct-states.ts';
import { defineOptionMatch } from './option-match.ts';

type StateSpec = { readonly not: boolean; readonly states: readonly CtState[] };

const STATES: readonly CtState[] = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'];

/** state_mt(): the older form of conntrack --ctstate. */
export const state = defineOptionMatch({
  name: 'state',
  kernel: 'net/netfilter/xt_state.c',
  needsConntrack: true,
  options: [{ name: '--state', not: true }],
  read: (given, _context, at): StateSpec => {
    const use = given.get('--state');
    if (use === undefined) throw new ArgumentError('the state match needs --state', at);
    return { not: use.not, states: readStates(use, STATES) };
  },
  print: ({ not, states }) => `${printNot(not)}--state ${states.join(',')}`,
  test: ({ not, states }, env) => states.includes(env.ctState) !== not,
});
