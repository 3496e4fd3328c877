/**
 * The standard target: verdicts, jumps and rules without a target (XT_STANDARD_TARGET).
 * net/ipv4/netfilter/ip_tables.c ipt_do_table() carries them out without calling a module.
 */
import type { TargetOutcome } from '../target.ts';
import { defineTarget, type RegisteredTarget, type Target } from '../target.ts';

function verdict(name: string, kind: 'accept' | 'drop' | 'return'): RegisteredTarget {
  const outcome: TargetOutcome = { kind };
  return defineTarget<undefined>({
    name,
    kernel: 'net/ipv4/netfilter/ip_tables.c',
    standard: true,
    parse: () => undefined,
    print: () => '',
    fire: () => outcome,
  });
}

export const ACCEPT = verdict('ACCEPT', 'accept');
export const DROP = verdict('DROP', 'drop');
export const RETURN = verdict('RETURN', 'return');

/** `-j CHAIN` of a user-defined chain: the walk comes back when that chain ends. */
export function jumpTarget(chain: string): Target {
  return { name: chain, fire: () => ({ kind: 'jump', chain }), print: () => `-j ${chain}` };
}

/** `-g CHAIN`: like a jump, but the end of that chain is the end of this one too (IPT_F_GOTO). */
export function gotoTarget(chain: string): Target {
  return { name: chain, fire: () => ({ kind: 'goto', chain }), print: () => `-g ${chain}` };
}

/** A rule without `-j`: it counts (and its matches may remember), and the walk goes on. */
export function noTarget(): Target {
  return { name: '', fire: () => ({ kind: 'continue' }), print: () => '' };
}
