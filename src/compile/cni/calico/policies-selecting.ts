/** Which policies apply to an endpoint, tier by tier. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NetworkPolicy, Pod } from '../../../cluster/objects.ts';
import type { HostEndpoint } from '../../../cluster/policy/calico-policy.ts';
import { type LabelLookup, selects } from '../../../cluster/policy/selector.ts';
import { hostEndpointLookup, podLookup } from './labels.ts';
import type { Direction, Policy } from './policy-model.ts';
import { policyBook, type TierPolicies } from './tiers.ts';
import { isEndpoint } from './workload.ts';

const TYPES = { ingress: 'Ingress', egress: 'Egress' } as const;

/** Tiers with the policies that select what has these labels, in any direction. */
function selecting(tiers: readonly TierPolicies[], labels: LabelLookup): readonly TierPolicies[] {
  return tiers.flatMap((tier) => {
    const policies = tier.policies.filter((policy) => selects(policy.selector, labels));
    return policies.length === 0 ? [] : [{ ...tier, policies }];
  });
}

/** Those of one direction. A tier without any of them does nothing in the direction. */
export function ofDirection(tiers: readonly TierPolicies[], direction: Direction): readonly TierPolicies[] {
  return narrow(tiers, ({ types }) => types.includes(TYPES[direction]));
}

export function narrow(tiers: readonly TierPolicies[], wanted: (policy: Policy) => boolean): readonly TierPolicies[] {
  return tiers.flatMap((tier) => {
    const policies = tier.policies.filter(wanted);
    return policies.length === 0 ? [] : [{ ...tier, policies }];
  });
}

/** None select a Pod on the host network or one that has ended. Untracked and pre-DNAT policies are for hosts alone. */
export function tiersOnPod(cluster: Cluster, pod: Pod): readonly TierPolicies[] {
  if (!isEndpoint(pod)) return [];
  const tiers = policyBook(cluster).inNamespace(pod.namespace);
  return narrow(selecting(tiers, podLookup(cluster, pod)), ({ stage }) => stage === 'normal');
}

export function tiersOnHost(cluster: Cluster, endpoint: HostEndpoint): readonly TierPolicies[] {
  return selecting(policyBook(cluster).global, hostEndpointLookup(cluster, endpoint));
}

/** All policies that govern a Pod in a direction, in the order in which Felix runs them. */
export function allPoliciesSelecting(cluster: Cluster, pod: Pod, direction: Direction): readonly Policy[] {
  return ofDirection(tiersOnPod(cluster, pod), direction).flatMap(({ policies }) => policies);
}

const originals = new WeakMap<Cluster, ReadonlyMap<object, NetworkPolicy>>();

/** The NetworkPolicies of networking.k8s.io among them. */
export function policiesSelecting(cluster: Cluster, pod: Pod, direction: Direction): readonly NetworkPolicy[] {
  const known = originals.get(cluster) ?? new Map(cluster.policies.map((policy) => [policy, policy]));
  originals.set(cluster, known);
  return allPoliciesSelecting(cluster, pod, direction).flatMap(({ object }) => known.get(object) ?? []);
}
