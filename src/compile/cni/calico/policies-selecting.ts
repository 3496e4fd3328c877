/** Which NetworkPolicies apply to a Pod. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NetworkPolicy, Pod } from '../../../cluster/objects.ts';
import { compareText, type Selector, selects } from '../../../cluster/policy/selector.ts';
import { podLookup, podSelector } from './kubernetes-selector.ts';
import type { Direction } from './policy.ts';
import { isEndpoint } from './workload.ts';

const POLICY_TYPES = { ingress: 'Ingress', egress: 'Egress' } as const;

const selectors = new WeakMap<NetworkPolicy, Selector>();

/** Converted once, for every Pod of the namespace asks. */
function selectorOf(policy: NetworkPolicy): Selector {
  let selector = selectors.get(policy);
  if (selector === undefined) {
    selector = podSelector(policy.podSelector);
    selectors.set(policy, selector);
  }
  return selector;
}

/**
 * Policies that isolate the Pod in a direction, in the order in which Felix runs them: all have order 1000, so by name.
 * None select a Pod on the host network or one that has ended.
 */
export function policiesSelecting(cluster: Cluster, pod: Pod, direction: Direction): readonly NetworkPolicy[] {
  if (!isEndpoint(pod)) return [];
  const labels = podLookup(cluster, pod);
  return cluster
    .policiesInNamespace(pod.namespace)
    .filter((policy) => policy.policyTypes.includes(POLICY_TYPES[direction]))
    .filter((policy) => selects(selectorOf(policy), labels))
    .sort((a, b) => compareText(a.name, b.name));
}
