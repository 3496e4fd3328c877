/** Policies and rules that decide about no connection at all, so that no test can cover them. */
import { Connectivity } from '../../policy/classes/connectivity.ts';
import { ruleEffects } from '../../policy/classes/rule-effects.ts';
import type { PolicyWorld } from '../../policy/judge.ts';
import { DIRECTIONS, type Policy, type PolicyRule } from '../../policy/rule-set.ts';

export type IdleReason =
  /** The plugin asks no policies. */
  | 'not-enforced'
  /** No Pod has the labels that the policy is for. */
  | 'selects-nobody'
  /** No Pod and no address is what the rule is for. */
  | 'means-nobody'
  /** What it is for is decided before it is asked. */
  | 'decided-before';

/**
 * Rules of one cluster's policies as its Pods are now. Host endpoints decide about packets of any Pod: where there are some,
 * nothing is said.
 */
export function idleParts(world: PolicyWorld): ReadonlyMap<Policy | PolicyRule, IdleReason> {
  const idle = new Map<Policy | PolicyRule, IdleReason>();
  if (world.governed.size > 0) return idle;
  const connectivity = new Connectivity(world);
  const effects = world.profile.enforces ? ruleEffects(connectivity) : undefined;
  for (const policy of world.tiers.flatMap(({ policies }) => policies)) {
    const rules = DIRECTIONS.flatMap((direction) => policy.rules[direction] ?? []);
    const ofPolicy = effects === undefined ? 'not-enforced' : whyNobody(connectivity, policy);
    if (ofPolicy !== undefined) idle.set(policy, ofPolicy);
    for (const rule of rules) {
      const effect = effects?.get(rule);
      if (ofPolicy !== undefined) idle.set(rule, ofPolicy);
      else if (effect === undefined) idle.set(rule, 'means-nobody');
      else if (!effect.decides) idle.set(rule, 'decided-before');
    }
  }
  return idle;
}

/** Staged policies and those of host endpoints select no Pod for anything. */
function whyNobody({ index }: Connectivity, { stage, subject }: Policy): IdleReason | undefined {
  return stage !== 'normal' || index.selectedBy(subject).length === 0 ? 'selects-nobody' : undefined;
}
