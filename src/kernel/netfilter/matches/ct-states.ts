/** Lists of connection states, as `--ctstate` and `--state` take them. */
import { badName, type Use, wordOf } from '../options.ts';

/** In the order in which iptables-save prints them. */
export const CT_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
export type CtStateName = (typeof CT_STATES)[number];

export function readStates<N extends CtStateName>(use: Use, valid: readonly N[]): readonly N[] {
  const names = wordOf(use)
    .split(',')
    .map((name) => name.toUpperCase());
  for (const name of names) if (!valid.some((v) => v === name)) throw badName(use, 'connection state', name, valid);
  return valid.filter((name) => names.includes(name));
}
