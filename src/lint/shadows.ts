/** Rules and policies that never decide anything, because others decide all of it before them. */
import type { RuleEffect } from '../policy/classes/rule-effects.ts';
import type { Policy } from '../policy/rule-set.ts';
import { nameOfRule, type PolicyEntry, type PolicyFacts, type RuleEntry, rulesOf } from './policy-facts.ts';
import { listNames } from './rule.ts';

export type Shadow = RuleEntry & { readonly effect: RuleEffect };

/** Tiers that are asked behind the default one. */
const BASELINE_ORDER = 1_000_000;

export function isBaseline({ tier }: PolicyEntry): boolean {
  return tier.order > BASELINE_ORDER && Number.isFinite(tier.order);
}

/** Rules that fit somebody and decide nothing. */
export function shadowsIn(facts: PolicyFacts, entry: PolicyEntry): readonly Shadow[] {
  return rulesOf(entry).flatMap((rule) => {
    const effect = facts.effects().get(rule.rule);
    return effect === undefined || effect.decides ? [] : [{ ...rule, effect }];
  });
}

/** Whether all of the policy's rules that fit somebody decide nothing. */
export function isWhollyShadowed(facts: PolicyFacts, entry: PolicyEntry): boolean {
  const fitting = rulesOf(entry).filter(({ rule }) => facts.effects().has(rule));
  return fitting.length > 0 && fitting.every(({ rule }) => facts.effects().get(rule)?.decides === false);
}

/** NetworkPolicies come in no order: rules of theirs that say the same are redundancy.ts's, and not shadows. */
export function isUnordered({ api }: Policy): boolean {
  return api === 'NetworkPolicy';
}

export function decidersOf(facts: PolicyFacts, shadows: readonly Shadow[]): string {
  const names = shadows.flatMap(({ effect, rule }) => facts.decidersBefore(effect, rule).map(nameOfRule));
  return listNames([...new Set(names)]);
}
