/** What selectors see of endpoints and network sets (libcalico-go conversion: workload_endpoint_default.go; cni.md 3.3). */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Labels, Pod } from '../../../cluster/objects.ts';
import type { HostEndpoint, NetworkSet } from '../../../cluster/policy/calico-policy.ts';
import type { LabelLookup } from '../../../cluster/policy/selector.ts';
import { labelOf } from '../../../cluster/selector.ts';

export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
/** Labels of a namespace and of a service account as their Pods inherit them. */
export const NAMESPACE_PREFIX = 'pcns.';
export const SERVICE_ACCOUNT_PREFIX = 'pcsa.';
const NAME_LABEL = 'projectcalico.org/name';

/** What selectors see of every Pod in a namespace. */
export function namespaceLookup(cluster: Cluster, namespace: string): LabelLookup {
  return (label) => {
    if (label === NAMESPACE_LABEL) return namespace;
    if (!label.startsWith(NAMESPACE_PREFIX)) return undefined;
    const own = label.slice(NAMESPACE_PREFIX.length);
    return own === NAME_LABEL ? namespace : labelOf(cluster.namespaceLabels(namespace), own);
  };
}

/** Whether a label is the same for all Pods of a namespace: that of the namespace itself, and what they inherit. */
export function isOfNamespace(label: string): boolean {
  return label === NAMESPACE_LABEL || label.startsWith(NAMESPACE_PREFIX);
}

/** Whether a Pod has the label from its own metadata or from nowhere. */
export function isOfPod(label: string): boolean {
  const given = [NAMESPACE_LABEL, ORCHESTRATOR_LABEL, SERVICE_ACCOUNT_LABEL].includes(label);
  return !given && !label.startsWith(NAMESPACE_PREFIX) && !label.startsWith(SERVICE_ACCOUNT_PREFIX);
}

/** What selectors see of a Pod: Calico's own labels, the Pod's, those of its namespace and service account. */
export function podLookup(cluster: Cluster, pod: Pod): LabelLookup {
  const inherited = namespaceLookup(cluster, pod.namespace);
  const { serviceAccount } = pod;
  return (label) => {
    if (label === NAMESPACE_LABEL) return pod.namespace;
    if (label === ORCHESTRATOR_LABEL) return 'k8s';
    // A longer name would not fit into a label.
    if (label === SERVICE_ACCOUNT_LABEL && serviceAccount !== '' && serviceAccount.length < 63) return serviceAccount;
    return labelOf(pod.labels, label) ?? inherited(label) ?? accountLabel(cluster, pod, label);
  };
}

function accountLabel(cluster: Cluster, { namespace, serviceAccount }: Pod, label: string): string | undefined {
  if (!label.startsWith(SERVICE_ACCOUNT_PREFIX) || serviceAccount === '') return undefined;
  const own = label.slice(SERVICE_ACCOUNT_PREFIX.length);
  return own === NAME_LABEL ? serviceAccount : labelOf(cluster.serviceAccountLabels(namespace, serviceAccount), own);
}

/** A NetworkSet has its namespace's labels, too. */
export function networkSetLookup(cluster: Cluster, set: NetworkSet): LabelLookup {
  if (set.kind === 'GlobalNetworkSet') return (label) => labelOf(set.labels, label);
  const inherited = namespaceLookup(cluster, set.namespace);
  return (label) => (label === NAMESPACE_LABEL ? set.namespace : (labelOf(set.labels, label) ?? inherited(label)));
}

/** A host endpoint has its own labels and those that its profiles apply, and no namespace. */
export function hostEndpointLookup(cluster: Cluster, endpoint: HostEndpoint): LabelLookup {
  const applied: readonly Labels[] = cluster.profiles
    .filter(({ name }) => endpoint.profiles.includes(name))
    .map(({ labelsToApply }) => labelsToApply);
  return (label) => {
    const own = labelOf(endpoint.labels, label);
    if (own !== undefined) return own;
    return applied.map((labels) => labelOf(labels, label)).find((value) => value !== undefined);
  };
}
