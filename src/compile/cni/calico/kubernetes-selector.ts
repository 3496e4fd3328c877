/** Kubernetes label selectors in Calico's terms (libcalico-go conversion.go: k8sSelectorToCalico). */
import type { LabelSelector, NetworkPolicyPeer } from '../../../cluster/objects.ts';
import { allOf, compareText, type Selector } from '../../../cluster/policy/selector.ts';
import { NAMESPACE_LABEL, NAMESPACE_PREFIX, ORCHESTRATOR_LABEL } from './labels.ts';

/** matchLabels sorted by key, then matchExpressions in order. */
function requirements(selector: LabelSelector, prefix: string): readonly Selector[] {
  return [
    ...Object.entries(selector.matchLabels)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]): Selector => ({ kind: 'equal', label: prefix + key, value })),
    ...selector.matchExpressions.map(({ key, operator, values }): Selector => {
      const label = prefix + key;
      if (operator === 'In') return { kind: 'in', label, values };
      if (operator === 'NotIn') return { kind: 'not-in', label, values };
      const has: Selector = { kind: 'has', label };
      return operator === 'Exists' ? has : { kind: 'not', operand: has };
    }),
  ];
}

/** Pods that the selector selects, in whatever namespace; hosts never are. An absent selector selects all Pods. */
export function podSelector(selector: LabelSelector | undefined): Selector {
  const terms = selector === undefined ? [] : requirements(selector, '');
  return allOf([{ kind: 'equal', label: ORCHESTRATOR_LABEL, value: 'k8s' }, ...terms]);
}

/** Pods of one namespace: whom a NetworkPolicy isolates. */
export function namespacedPodSelector(selector: LabelSelector, namespace: string): Selector {
  return { kind: 'and', operands: [podSelector(selector), ofNamespace(namespace)] };
}

/** A policy's peer; without a namespace selector it means Pods of the policy's own namespace. */
export function peerSelector(peer: NetworkPolicyPeer & { readonly kind: 'pods' }, policyNamespace: string): Selector {
  const { namespaceSelector, podSelector: pods } = peer;
  const namespaces =
    namespaceSelector === undefined ? ofNamespace(policyNamespace) : namespaceSelectorTerm(namespaceSelector);
  return { kind: 'and', operands: [namespaces, podSelector(pods)] };
}

export function ofNamespace(namespace: string): Selector {
  return { kind: 'equal', label: NAMESPACE_LABEL, value: namespace };
}

/** Namespaces by their labels; an empty selector means every one. */
export function namespaceSelectorTerm(selector: LabelSelector): Selector {
  const terms = requirements(selector, NAMESPACE_PREFIX);
  return terms.length === 0 ? { kind: 'has', label: NAMESPACE_LABEL } : allOf(terms);
}
