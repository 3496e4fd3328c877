/** iptables rules as data. Matches and targets print themselves in iptables-save's syntax. */
import type { Lazy } from '../../lib/lazy.ts';
import type { IpAddr } from '../../net/address.ts';
import type { OriginId } from '../origin.ts';
import type { TableName } from './hook.ts';
import type { Match } from './match.ts';
import type { Target } from './target.ts';

export type Rule = {
  /** All must match; the first is the header match (-s -d -i -o -p -f) where the rule has one. */
  readonly matches: readonly Match[];
  /** Those of `matches` that can say no, where that is known without making the others. */
  readonly tests?: readonly Match[] | undefined;
  readonly target: Target;
  readonly origin?: OriginId;
  /** The one destination that the header match lets through, where that is known without asking `matches`. */
  readonly destination?: IpAddr;
};

/** What the built-in chain does with a packet that no rule decided. */
export type ChainPolicy = 'ACCEPT' | 'DROP';

export type Chain = {
  readonly name: string;
  /** Built-in chains only. */
  readonly policy?: ChainPolicy;
  /** Bodies exist when a packet first enters the chain (or `show` prints it). */
  readonly rules: Lazy<readonly Rule[]>;
};

/** Chains by name, the built-in ones first, the others sorted by name as libiptc keeps them. */
export type Table = { readonly name: TableName; readonly chains: ReadonlyMap<string, Chain> };

/** The tables of one family; one that is absent lets everything pass. */
export type Ruleset = ReadonlyMap<TableName, Table>;

/**
 * A rule as a program hands it to iptables: the arguments after `-A CHAIN`, one word each, no shell quoting.
 * Compilers emit these in the real component's own words; parseRule() turns them into a Rule.
 */
export type RuleSpec = { readonly args: readonly string[]; readonly origin?: OriginId };
