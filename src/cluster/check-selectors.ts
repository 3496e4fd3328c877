/** Selectors that fit nothing in the input: legal, and most often a typing mistake. */
import { type Lazy, lazy } from '../lib/lazy.ts';
import { nearest } from '../lib/nearest.ts';
import type { Issue } from '../lib/result.ts';
import { atField } from './allocate/at-field.ts';
import type { Cluster } from './cluster.ts';
import type { LabelSelector, Labels, NetworkPolicy, NetworkPolicyPeer } from './objects.ts';
import { labelOf, matchesSelector } from './selector.ts';
import type { PathSegment } from './source.ts';

/** With more of them than this the input is a part of something larger, and each single one tells little. */
const MOST = 20;

type Labelled = { readonly labels: Labels };
/** Made only when it is shown: looking a position up may be dear. */
type Found = () => Issue;
type NamespaceLabels = Labelled & { readonly name: string };

/** @param sliced `namespace/name` of Services whose endpoints the input gives: their Pods may be left out */
export function checkSelectors(cluster: Cluster, sliced: ReadonlySet<string>, most: number = MOST): readonly Issue[] {
  const namespaces = lazy(() =>
    [...new Set([...cluster.namespaces.keys(), ...cluster.pods.map(({ namespace }) => namespace)])].map((name) => ({
      name,
      labels: cluster.namespaceLabels(name),
    })),
  );
  const found = [
    ...serviceSelectors(cluster, sliced),
    ...cluster.policies.flatMap((policy) => policySelectors(cluster, policy, namespaces)),
  ];
  const shown = found.slice(0, most).map((make) => make());
  if (found.length <= most) return shown;
  const rest = `${found.length - most} more selectors match nothing in the input`;
  return [...shown, { severity: 'warning', code: 'selector-matches-nothing', message: rest }];
}

function serviceSelectors(cluster: Cluster, sliced: ReadonlySet<string>): readonly Found[] {
  return cluster.services.flatMap((service) => {
    const { selector, namespace, name } = service;
    if (selector === undefined || Object.keys(selector).length === 0 || sliced.has(`${namespace}/${name}`)) return [];
    if (cluster.podsWithLabels(namespace, selector).length > 0) return [];
    const pods = cluster.podsInNamespace(namespace);
    const words = `${printLabels(selector)} matches no Pod of namespace ${namespace}: the Service has no endpoints`;
    return [
      () =>
        withHint(atField('warning', 'selector-matches-nothing', service, ['spec', 'selector'], words), selector, pods),
    ];
  });
}

function policySelectors(
  cluster: Cluster,
  policy: NetworkPolicy,
  namespaces: Lazy<readonly NamespaceLabels[]>,
): readonly Found[] {
  const { podSelector, namespace } = policy;
  const pods = cluster.podsInNamespace(namespace);
  const at =
    (path: readonly PathSegment[], words: string, selector: LabelSelector, near: readonly Labelled[]): Found =>
    () =>
      withHint(atField('warning', 'selector-matches-nothing', policy, path, words), selector.matchLabels, near);
  const own =
    isEmpty(podSelector) || hasPods(cluster, namespace, podSelector)
      ? []
      : [
          at(
            ['spec', 'podSelector'],
            `matches no Pod of namespace ${namespace}: the policy does nothing`,
            podSelector,
            pods,
          ),
        ];
  const peers = (['ingress', 'egress'] as const).flatMap((direction) =>
    policy[direction].flatMap((rule, index) =>
      rule.peers.flatMap((peer, position): readonly Found[] => {
        const path = ['spec', direction, index, direction === 'ingress' ? 'from' : 'to', position];
        const missed = unmatched(cluster, namespace, peer, namespaces);
        return missed === undefined ? [] : [at([...path, missed.field], missed.words, missed.selector, missed.near)];
      }),
    ),
  );
  return [...own, ...peers];
}

type Missed = {
  readonly field: string;
  readonly words: string;
  readonly selector: LabelSelector;
  readonly near: readonly Labelled[];
};

/** What of a peer fits nothing; undefined where it has at least one Pod, or says all. */
function unmatched(
  cluster: Cluster,
  own: string,
  peer: NetworkPolicyPeer,
  namespaces: Lazy<readonly NamespaceLabels[]>,
): Missed | undefined {
  if (peer.kind === 'ipBlock') return undefined;
  const { podSelector, namespaceSelector } = peer;
  const chosen =
    namespaceSelector === undefined
      ? undefined
      : namespaces().filter(({ labels }) => matchesSelector(namespaceSelector, labels));
  if (namespaceSelector !== undefined && chosen?.length === 0 && !isEmpty(namespaceSelector)) {
    return {
      field: 'namespaceSelector',
      words: 'matches no namespace',
      selector: namespaceSelector,
      near: namespaces(),
    };
  }
  if (podSelector === undefined || isEmpty(podSelector)) return undefined;
  const names = chosen?.map(({ name }) => name) ?? [own];
  const fits = names.some((name) => hasPods(cluster, name, podSelector));
  if (fits) return undefined;
  const where = chosen === undefined ? `namespace ${own}` : 'the namespaces beside it';
  return {
    field: 'podSelector',
    words: `matches no Pod of ${where}`,
    selector: podSelector,
    near: names.flatMap((name) => cluster.podsInNamespace(name)),
  };
}

export function hasPods(cluster: Cluster, namespace: string, selector: LabelSelector): boolean {
  const named = Object.keys(selector.matchLabels).length > 0;
  const pods = named ? cluster.podsWithLabels(namespace, selector.matchLabels) : cluster.podsInNamespace(namespace);
  return pods.some(({ labels }) => matchesSelector(selector, labels));
}

function isEmpty({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** The nearest label that exists, for the first pair that nothing has. */
function withHint(found: Issue, wanted: Labels, near: readonly Labelled[]): Issue {
  for (const key of Object.keys(wanted)) {
    const value = labelOf(wanted, key) ?? '';
    if (near.some(({ labels }) => labelOf(labels, key) === value)) continue;
    const values = new Set(near.flatMap(({ labels }) => labelOf(labels, key) ?? []));
    const [best] = nearest(value, values, 1);
    if (best !== undefined) return { ...found, hint: `did you mean ${key}=${best}?` };
    const [bestKey] =
      values.size > 0 ? [] : nearest(key, new Set(near.flatMap(({ labels }) => Object.keys(labels))), 1);
    return bestKey === undefined ? found : { ...found, hint: `did you mean the label ${bestKey}?` };
  }
  return found;
}

function printLabels(labels: Labels): string {
  return Object.keys(labels)
    .map((key) => `${key}=${labels[key] ?? ''}`)
    .join(',');
}
