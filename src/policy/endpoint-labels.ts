/** What Calico's selectors see of Pods and network sets (felix/labelindex, libcalico-go conversion.go). */
import type { Cluster } from '../cluster/cluster.ts';
import type { Labels, Pod } from '../cluster/objects.ts';
import type { HostEndpoint, NetworkSet } from '../cluster/policy/calico-policy.ts';
import type { LabelLookup, Selector } from '../cluster/policy/selector.ts';
import { labelOf } from '../cluster/selector.ts';
import { assertNever } from '../lib/assert.ts';

export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
/** Labels of the namespace and of the service account, as endpoints inherit them. */
const NAMESPACE_PREFIX = 'pcns.';
const SERVICE_ACCOUNT_PREFIX = 'pcsa.';
const NAME_SUFFIX = 'projectcalico.org/name';

/** A longer value would not fit into a label. */
const LONGEST_ACCOUNT = 62;

/** Calico's own labels shadow the Pod's, and those shadow what it inherits. */
export function podLabels(cluster: Cluster, pod: Pod): LabelLookup {
  const { namespace, serviceAccount } = pod;
  return (label) => {
    if (label === NAMESPACE_LABEL) return namespace;
    if (label === ORCHESTRATOR_LABEL) return 'k8s';
    const hasAccount = serviceAccount !== '' && serviceAccount.length <= LONGEST_ACCOUNT;
    if (label === SERVICE_ACCOUNT_LABEL && hasAccount) return serviceAccount;
    const own = labelOf(pod.labels, label);
    if (own !== undefined) return own;
    if (label.startsWith(NAMESPACE_PREFIX)) {
      return inherited(label.slice(NAMESPACE_PREFIX.length), namespace, cluster.namespaceLabels(namespace));
    }
    if (!label.startsWith(SERVICE_ACCOUNT_PREFIX) || serviceAccount === '') return undefined;
    const labels = cluster.serviceAccountLabels(namespace, serviceAccount);
    return inherited(label.slice(SERVICE_ACCOUNT_PREFIX.length), serviceAccount, labels);
  };
}

function inherited(key: string, name: string, labels: Labels): string | undefined {
  return key === NAME_SUFFIX ? name : labelOf(labels, key);
}

/** A GlobalNetworkSet has only its own labels. */
export function networkSetLabels(cluster: Cluster, set: NetworkSet): LabelLookup {
  return (label) => {
    if (set.kind === 'GlobalNetworkSet') return labelOf(set.labels, label);
    if (label === NAMESPACE_LABEL) return set.namespace;
    const own = labelOf(set.labels, label);
    if (own !== undefined || !label.startsWith(NAMESPACE_PREFIX)) return own;
    const labels = cluster.namespaceLabels(set.namespace);
    return inherited(label.slice(NAMESPACE_PREFIX.length), set.namespace, labels);
  };
}

/** A host endpoint has its own labels, then those that its profiles apply; it is in no namespace. */
export function hostEndpointLabels(cluster: Cluster, { labels, profiles }: HostEndpoint): LabelLookup {
  const applied = cluster.profiles.filter(({ name }) => profiles.includes(name));
  return (label) => {
    const own = labelOf(labels, label);
    if (own !== undefined) return own;
    return applied.map((profile) => labelOf(profile.labelsToApply, label)).find((value) => value !== undefined);
  };
}

/**
 * The selector over the labels of namespaces or service accounts as one over those that endpoints inherit. Of namespaces
 * `all()` means that there is one and `global()` that there is none (parseSelectorAttachPrefix, GetEndpointSelector).
 */
export function withPrefix(selector: Selector, prefix: 'pcns.' | 'pcsa.'): Selector {
  switch (selector.kind) {
    case 'all':
    case 'global': {
      if (prefix === 'pcsa.') return selector;
      const has: Selector = { kind: 'has', label: NAMESPACE_LABEL };
      return selector.kind === 'all' ? has : { kind: 'not', operand: has };
    }
    case 'has':
      return { kind: 'has', label: prefix + selector.label };
    case 'equal':
    case 'not-equal':
    case 'contains':
    case 'starts-with':
    case 'ends-with':
      return { kind: selector.kind, label: prefix + selector.label, value: selector.value };
    case 'in':
    case 'not-in':
      return { kind: selector.kind, label: prefix + selector.label, values: selector.values };
    case 'not':
      return { kind: 'not', operand: withPrefix(selector.operand, prefix) };
    case 'and':
    case 'or':
      return { kind: selector.kind, operands: selector.operands.map((operand) => withPrefix(operand, prefix)) };
    default:
      return assertNever(selector);
  }
}
