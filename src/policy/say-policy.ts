import { sayKind, type WrittenKind, writtenKind } from '../cluster/policy/written-kind.ts';
import type { Policy } from './rule-set.ts';

/** As sentences name it: `NetworkPolicy shop/web`, `Calico NetworkPolicy shop/web`, `GlobalNetworkPolicy deny-all`. */
export function sayPolicy(policy: Policy): string {
  const { namespace, name } = policy;
  return `${sayKind(kindOfPolicy(policy))} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

export function kindOfPolicy({ api, kind }: Policy): WrittenKind {
  return writtenKind(api === 'calico' && kind === 'NetworkPolicy' ? 'CalicoNetworkPolicy' : kind);
}
