/** A policy, or a rule of it, with its place in the input. */
import { sayKind, type WrittenKind, writtenKind } from '../../cluster/policy/written-kind.ts';
import { viewOrigin } from '../../explain/origin-view.ts';
import type { Policy, PolicyRule } from '../../policy/rule-set.ts';
import type { PlacedObject } from './policy-answer.ts';

export function placedPolicy(policy: Policy, rule?: PolicyRule): PlacedObject {
  const { namespace, name, source } = policy;
  const { field: _, ...view } = viewOrigin({
    ...{ role: 'policy-default', name, ...kindOf(policy) },
    ...(namespace === undefined ? {} : { namespace }),
    ...(source === undefined ? {} : { source }),
    ...(rule === undefined ? {} : { field: `spec.${rule.field}` }),
  });
  return view;
}

/** `NetworkPolicy shop/web` */
export function sayPolicy(policy: Policy): string {
  const { namespace, name } = policy;
  return `${sayKind(kindOf(policy))} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function kindOf({ api, kind }: Policy): WrittenKind {
  return writtenKind(api === 'calico' && kind === 'NetworkPolicy' ? 'CalicoNetworkPolicy' : kind);
}
