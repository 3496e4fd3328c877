/** What chains of nftables ask of the packet's passage through a hook, and tell it. */
import type { MatchEnv } from '../netfilter/match.ts';
import type { TargetOutcome } from '../netfilter/target.ts';
import type { OriginId } from '../origin.ts';
import type { Decision } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { NftRule } from './ruleset.ts';

/** A rule that matched, or the end of a chain (`rule` undefined). */
export type NftNews = {
  readonly event: 'rule' | 'return' | 'policy';
  readonly table: string;
  readonly chain: string;
  readonly number: number;
  readonly rule: NftRule | undefined;
  /** What it came to, before and after it was carried out. */
  readonly outcome: TargetOutcome;
  readonly done: TargetOutcome;
  /** The packet as it came to the rule. */
  readonly before: Skb;
  readonly origin: OriginId | undefined;
};

/** The packet's passage through one hook (Passage), as chains of nftables see it. */
export interface NftHost {
  readonly skb: Skb;
  /** As the packet is now. */
  env(): MatchEnv;
  /** Marks, translations and the like take effect; what the walk goes on with is returned. */
  carryOut(outcome: TargetOutcome): TargetOutcome;
  /** Which of the options chance takes. */
  decide(decision: Decision): number;
  enterNft(table: string, chain: string): void;
  missNft(table: string, chain: string, number: number, rule: NftRule, missed: () => string): void;
  tellNft(news: NftNews): void;
}
