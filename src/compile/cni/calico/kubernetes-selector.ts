/** Kubernetes label selectors in Calico's terms (libcalico-go conversion.go: k8sSelectorToCalico). */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { LabelSelector, Labels, NetworkPolicyPeer, Pod } from '../../../cluster/objects.ts';
import { allOf, compareText, type LabelLookup, type Selector } from '../../../cluster/policy/selector.ts';

export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
/** Labels of a namespace as its Pods inherit them. */
const NAMESPACE_PREFIX = 'pcns.';

/** Which Pods a peer of a policy means: first the namespaces, then the Pods in them. */
export type PeerSelector = { readonly namespaces: Selector; readonly pods: Selector };

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

/** The same as text, as the conversion writes it: names of policy groups are made from it. */
export function podSelectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  return [
    `${ORCHESTRATOR_LABEL} == 'k8s'`,
    ...Object.entries(matchLabels)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]) => `${key} == '${value}'`),
    ...matchExpressions.map(({ key, operator, values }) => {
      const list = `{ '${values.join("', '")}' }`;
      return {
        In: `${key} in ${list}`,
        NotIn: `${key} not in ${list}`,
        Exists: `has(${key})`,
        DoesNotExist: `! has(${key})`,
      }[operator];
    }),
  ].join(' && ');
}

/** A policy's peer; without a namespace selector it means Pods of the policy's own namespace. */
export function peerSelector(
  peer: NetworkPolicyPeer & { readonly kind: 'pods' },
  policyNamespace: string,
): PeerSelector {
  return { namespaces: namespaceTerm(peer.namespaceSelector, policyNamespace), pods: podSelector(peer.podSelector) };
}

function namespaceTerm(selector: LabelSelector | undefined, own: string): Selector {
  if (selector === undefined) return { kind: 'equal', label: NAMESPACE_LABEL, value: own };
  const terms = requirements(selector, NAMESPACE_PREFIX);
  return terms.length === 0 ? { kind: 'has', label: NAMESPACE_LABEL } : allOf(terms);
}

/** Both terms as the one selector whose canonical text names the IP set. */
export function combinedSelector({ namespaces, pods }: PeerSelector): Selector {
  return { kind: 'and', operands: [namespaces, pods] };
}

/** What selectors see of every Pod in a namespace. */
export function namespaceLookup(cluster: Cluster, namespace: string): LabelLookup {
  return (label) => {
    if (label === NAMESPACE_LABEL || label === `${NAMESPACE_PREFIX}projectcalico.org/name`) return namespace;
    if (!label.startsWith(NAMESPACE_PREFIX)) return undefined;
    return ownLabel(cluster.namespaceLabels(namespace), label.slice(NAMESPACE_PREFIX.length));
  };
}

/** What selectors see of a Pod: Calico's own labels, the Pod's, those of its namespace. */
export function podLookup(cluster: Cluster, pod: Pod): LabelLookup {
  const inherited = namespaceLookup(cluster, pod.namespace);
  return (label) => {
    if (label === NAMESPACE_LABEL) return pod.namespace;
    if (label === ORCHESTRATOR_LABEL) return 'k8s';
    // A longer name would not fit into a label.
    if (label === SERVICE_ACCOUNT_LABEL && pod.serviceAccount !== '' && pod.serviceAccount.length < 63) {
      return pod.serviceAccount;
    }
    return ownLabel(pod.labels, label) ?? inherited(label);
  };
}

/** Labels come from the input: a key like `constructor` must not find what every object inherits. */
function ownLabel(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
