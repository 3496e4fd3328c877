/** What each rule does for all Pods together. */
import type { PolicyRule } from '../rule-set.ts';
import type { Connectivity } from './connectivity.ts';
import type { RuleUse } from './direction-rows.ts';

/** `sample` is a case in which it does so, or the first one in which it means somebody at all. */
export type RuleEffect = Pick<RuleUse, 'reached' | 'decides'> & { readonly sample: RuleUse };

/** A rule that means nobody has no effect: it is not among them. */
export function ruleEffects(connectivity: Connectivity): ReadonlyMap<PolicyRule, RuleEffect> {
  const effects = new Map<PolicyRule, RuleEffect>();
  connectivity.watchRules({
    wants: (rule) => effects.get(rule)?.decides !== true,
    tell(rule, use) {
      const known = effects.get(rule);
      if (known === undefined) effects.set(rule, { reached: use.reached, decides: use.decides, sample: use });
      else if ((use.reached && !known.reached) || use.decides)
        effects.set(rule, { ...known, reached: known.reached || use.reached, decides: known.decides || use.decides });
    },
  });
  return effects;
}
