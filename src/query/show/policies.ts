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
import { compareText } from '../../cluster/policy/selector.ts';
import { positionOf } from '../../cluster/source.ts';
import { type AnyPolicy, governing, policiesByTier } from '../../compile/rule-miss.ts';
import type { Language } from '../../explain/language.ts';
import { assertNever } from '../../lib/assert.ts';
import { printPrefix } from '../../net/prefix.ts';
import { type Say, SHOWN, sayIn } from './policy-words.ts';
import { printRulePolicy, printStaged } from './rule-policies.ts';

export type Selects = (policy: NetworkPolicy, pod: Pod) => boolean;

/**
 * All policies by namespace, those of the whole cluster first, and in each by tier, order and name; staged ones come last. Or
 * those that select one Pod, in the order in which they are asked.
 */
export function printPolicies(cluster: Cluster, selects: Selects, language: Language, only?: Pod): string {
  const said = sayIn(language);
  const kubernetes = new Map<AnyPolicy['object'], NetworkPolicy>(cluster.policies.map((policy) => [policy, policy]));
  const policies = only === undefined ? byNamespace(policiesByTier(cluster)) : selectingPolicies(cluster, only);
  const texts = policies.map((policy) => {
    const own = kubernetes.get(policy.object);
    return own === undefined ? printRulePolicy(policy, said) : printPolicy(own, cluster, selects, said);
  });
  const all = [...texts, ...(only === undefined ? printStaged(cluster, said) : [])];
  if (all.length > 0) return all.join('\n');
  const pod = only === undefined ? '' : `${only.namespace}/${only.name}`;
  return `${only === undefined ? said(SHOWN.none) : said(SHOWN.noneSelects, { pod })}\n`;
}

function byNamespace(policies: readonly AnyPolicy[]): readonly AnyPolicy[] {
  return [...policies].sort((a, b) => compareText(a.object.namespace ?? '', b.object.namespace ?? ''));
}

function selectingPolicies(cluster: Cluster, pod: Pod): readonly AnyPolicy[] {
  const objects = new Set(
    DIRECTIONS.flatMap((direction) => governing(cluster, pod, direction)).map(({ object }) => object),
  );
  return policiesByTier(cluster).filter(({ object }) => objects.has(object));
}

const DIRECTIONS = ['ingress', 'egress'] as const;

function printPolicy(policy: NetworkPolicy, cluster: Cluster, selects: Selects, said: Say): string {
  const at = policy.source === undefined ? undefined : positionOf(policy.source);
  const pods = cluster
    .podsInNamespace(policy.namespace)
    .filter((pod) => selects(policy, pod))
    .map((pod) => pod.name);
  const { namespace } = policy;
  const selected = pods.length === 0 ? said(SHOWN.noPod) : pods.join(', ');
  const lines = [
    `${policy.namespace}/${policy.name}${at === undefined ? '' : `  ${at.file}:${at.line}`}`,
    `  ${said(SHOWN.selects, { selector: printSelector(policy.podSelector), namespace, pods: selected })}`,
    ...(policy.policyTypes.includes('Ingress') ? direction('ingress', policy.ingress, said) : []),
    ...(policy.policyTypes.includes('Egress') ? direction('egress', policy.egress, said) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function direction(name: 'ingress' | 'egress', rules: readonly NetworkPolicyRule[], said: Say): readonly string[] {
  if (rules.length === 0) return [`  ${said(SHOWN.nothing, { direction: name })}`];
  return rules.map((rule, index) => {
    const peers =
      rule.peers.length === 0
        ? said(SHOWN.anywhere)
        : rule.peers.map((peer) => printPeer(peer, said)).join(` ${said(SHOWN.or)} `);
    const ports = rule.ports.length === 0 ? said(SHOWN.allPorts) : rule.ports.map(printPort).join(', ');
    return `  ${said(SHOWN[name], { rule: `${name}[${index}]`, peers, ports })}`;
  });
}

function printPeer(peer: NetworkPolicyPeer, said: Say): string {
  if (peer.kind === 'ipBlock') {
    const network = printPrefix(peer.cidr);
    const holes = peer.except.map(printPrefix).join(', ');
    return holes === '' ? network : said(SHOWN.except, { network, holes });
  }
  const { podSelector, namespaceSelector } = peer;
  const pods =
    podSelector === undefined ? said(SHOWN.allPods) : said(SHOWN.somePods, { selector: printSelector(podSelector) });
  return namespaceSelector === undefined
    ? said(SHOWN.podsHere, { pods })
    : said(SHOWN.podsThere, { pods, selector: printSelector(namespaceSelector) });
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
