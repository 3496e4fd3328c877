/** Policies all of whose Pods are left with everything, or with nothing. */
import type { Text } from '../explain/language.ts';
import type { Direction } from '../policy/rule-set.ts';
import type { PolicyFacts } from './policy-facts.ts';
import { type Found, found, listNames } from './rule.ts';

export function* targetsLeftWith(
  facts: PolicyFacts,
  direction: Direction,
  left: 'all' | 'nothing',
  message: Text,
): Iterable<Found> {
  for (const { policy, slots } of facts.entries) {
    if (policy.rules[direction] === undefined || slots.length === 0) continue;
    if (!slots.every((slot) => facts.extremeOf(direction, slot) === left)) continue;
    const pods = listNames(facts.workloadsOf(slots));
    yield found(policy, ['spec', direction], message, { pods }, { what: 'key' });
  }
}
