/** Lists of connection states, as `--ctstate` and `--state` take them. */
import { badName, type Use, wordOf } from '../options.ts';

/** In the order in which iptables-save prints them. */
export const CT_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
/** States of a packet, and of its connection: SNAT, DNAT. */
export type CtStateName = (typeof CT_STATES)[number];

/** In the order of `valid`, whatever the order of the words. Throws ArgumentError. */
export function readStates<N extends CtStateName>(use: Use, valid: readonly N[]): readonly N[] {
  const names = wordOf(use)
    .split(',')
    .map((name) => name.toUpperCase());
  for (const name of names) if (!valid.some((v) => v === name)) throw badName(use, 'connection state', name, valid);
  return valid.filter((name) => names.includes(name));
}
