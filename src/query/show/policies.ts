/** Policies in readable form: what each selects and what it lets through. */
import type { Cluster } from '../../cluster/cluster.ts';
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../../cluster/objects.ts';
import { positionOf } from '../../cluster/source.ts';
import { assertNever } from '../../lib/assert.ts';
import { printPrefix } from '../../net/prefix.ts';
import { printRulePolicies } from './rule-policies.ts';

export type Selects = (policy: NetworkPolicy, pod: Pod) => boolean;

/** All policies, or those that select one Pod. */
export function printPolicies(cluster: Cluster, selects: Selects, only?: Pod): string {
  const policies =
    only === undefined
      ? cluster.policies
      : cluster.policiesInNamespace(only.namespace).filter((policy) => selects(policy, only));
  const others = printRulePolicies(cluster, only);
  if (policies.length + others.length === 0) {
    return only === undefined
      ? 'No NetworkPolicy.\n'
      : `No NetworkPolicy selects ${only.namespace}/${only.name}: all is allowed.\n`;
  }
  return [...policies.map((policy) => printPolicy(policy, cluster, selects)), ...others].join('\n');
}

function printPolicy(policy: NetworkPolicy, cluster: Cluster, selects: Selects): string {
  const at = policy.source === undefined ? undefined : positionOf(policy.source);
  const pods = cluster
    .podsInNamespace(policy.namespace)
    .filter((pod) => selects(policy, pod))
    .map((pod) => pod.name);
  const lines = [
    `${policy.namespace}/${policy.name}${at === undefined ? '' : `  ${at.file}:${at.line}`}`,
    `  selects ${printSelector(policy.podSelector)} in ${policy.namespace}: ${pods.length === 0 ? 'no Pod' : pods.join(', ')}`,
    ...(policy.policyTypes.includes('Ingress') ? direction('ingress', 'from', policy.ingress) : []),
    ...(policy.policyTypes.includes('Egress') ? direction('egress', 'to', policy.egress) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function direction(name: string, word: string, rules: readonly NetworkPolicyRule[]): readonly string[] {
  if (rules.length === 0) return [`  ${name}: nothing is allowed`];
  return rules.map((rule, index) => {
    const peers = rule.peers.length === 0 ? 'anywhere' : rule.peers.map(printPeer).join(' or ');
    const ports = rule.ports.length === 0 ? 'all ports' : rule.ports.map(printPort).join(', ');
    return `  ${name}[${index}]: ${word} ${peers} on ${ports}`;
  });
}

function printPeer(peer: NetworkPolicyPeer): string {
  if (peer.kind === 'ipBlock') {
    const except = peer.except.length === 0 ? '' : ` except ${peer.except.map(printPrefix).join(', ')}`;
    return `${printPrefix(peer.cidr)}${except}`;
  }
  const pods = peer.podSelector === undefined ? 'all Pods' : `Pods ${printSelector(peer.podSelector)}`;
  const where =
    peer.namespaceSelector === undefined
      ? 'in this namespace'
      : `in namespaces ${printSelector(peer.namespaceSelector)}`;
  return `${pods} ${where}`;
}

function printPort({ protocol, port, endPort }: NetworkPolicyPort): string {
  const proto = protocol.toLowerCase();
  if (port === undefined) return `${proto}/any`;
  return endPort === undefined ? `${proto}/${port}` : `${proto}/${port}-${endPort}`;
}

/** `{app=web, tier in (a, b)}`; `{}` selects all. */
function printSelector({ matchLabels, matchExpressions }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values }) => {
    switch (operator) {
      case 'In':
        return `${key} in (${values.join(', ')})`;
      case 'NotIn':
        return `${key} notin (${values.join(', ')})`;
      case 'Exists':
        return key;
      case 'DoesNotExist':
        return `!${key}`;
      default:
        return assertNever(operator);
    }
  });
  return `{${[...labels, ...expressions].join(', ')}}`;
}
