/** What a component contributes to a machine's nftables: tables of its own, with chains read when a packet enters them. */
import type { Lazy } from '../../lib/lazy.ts';
import type { BaseChain, NftFamily, NftRuleSpec, NftSet } from './ruleset.ts';

/** Machines may share one such object, and then its rules are read once. */
export type NftChainSpec = {
  readonly name: string;
  readonly comment?: string;
  readonly base?: BaseChain;
  readonly rules: Lazy<readonly NftRuleSpec[]>;
};

/** Chains and sets that are many and seldom used: found by name when a rule leads to one, listed only by `show`. */
export type NftGroup = {
  readonly chain: (name: string) => NftChainSpec | undefined;
  readonly set: (name: string) => NftSet | undefined;
  readonly chains: Lazy<readonly NftChainSpec[]>;
  readonly sets: Lazy<readonly NftSet[]>;
};

export type NftTableSpec = {
  readonly family: NftFamily;
  readonly name: string;
  readonly comment?: string;
  /** In the order of creation; the groups' stand behind them. */
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChainSpec[];
  readonly groups?: readonly NftGroup[];
};
