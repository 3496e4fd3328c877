/** A policy, or a rule of it, with its place in the input. */
import { viewOrigin } from '../../explain/origin-view.ts';
import type { Policy, PolicyRule } from '../../policy/rule-set.ts';
import { kindOfPolicy } from '../../policy/say-policy.ts';
import type { PlacedObject } from './policy-answer.ts';

export function placedPolicy(policy: Policy, rule?: PolicyRule): PlacedObject {
  const { namespace, name, source } = policy;
  const { field: _, ...view } = viewOrigin({
    ...{ role: 'policy-default', name, ...kindOfPolicy(policy) },
    ...(namespace === undefined ? {} : { namespace }),
    ...(source === undefined ? {} : { source }),
    ...(rule === undefined ? {} : { field: `spec.${rule.field}` }),
  });
  return view;
}
