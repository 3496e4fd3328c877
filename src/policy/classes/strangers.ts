/**
 * Pods that do not exist yet, one for each kind that somebody asks about. It stands for Pods with just these labels, without
 * named ports and of its namespace's default service account, in a namespace that exists or in a new one with just its labels.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelSelector, Labels, Pod, SelectorRequirement } from '../../cluster/objects.ts';
import { labelOf, matchesRequirement } from '../../cluster/selector.ts';
import { type Family, familyOf, type IpAddr, ip4, offsetIp } from '../../net/address.ts';
import { lastIp } from '../../net/prefix.ts';
import type { EndTerm, NamespaceTerm, PolicyTier } from '../rule-set.ts';
import { FAMILIES } from './pod-classes.ts';
import type { Workload } from './workloads.ts';

/** The API server gives it to every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** A namespace that exists, or the labels of one that does not. */
export type Place =
  | { readonly kind: 'existing'; readonly name: string }
  | { readonly kind: 'new'; readonly labels: Labels };

export type Stranger = { readonly place: Place; readonly pod: Pod; readonly workload: Workload };

export class Strangers {
  /** All that the input names, also where nothing declares them. */
  readonly namespaces: readonly string[];
  readonly #cluster: Cluster;
  readonly #ips: readonly IpAddr[];
  readonly #known = new Map<string, Stranger>();
  readonly #labelsOf = new Map<string, Labels>();

  constructor(cluster: Cluster, tiers: readonly PolicyTier[]) {
    this.#cluster = cluster;
    this.#ips = FAMILIES.flatMap((family) => freeAddress(cluster, family));
    const named = tiers.flatMap(({ policies }) => policies.flatMap(({ namespace }) => namespace ?? []));
    const ofPods = cluster.pods.map(({ namespace }) => namespace);
    this.namespaces = [...new Set([...cluster.namespaces.keys(), ...ofPods, ...named])].sort();
  }

  /** The cluster with all that were asked for so far. */
  get cluster(): Cluster {
    return {
      ...this.#cluster,
      pods: [...this.#cluster.pods, ...[...this.#known.values()].map(({ pod }) => pod)],
      namespaceLabels: (name) => this.#labelsOf.get(name) ?? this.#cluster.namespaceLabels(name),
    };
  }

  /** The same one for the same place and labels; undefined where the new namespace would have the name of another. */
  at(place: Place, labels: Labels): Stranger | undefined {
    const namespace = this.#namespaceAt(place);
    if (namespace === undefined) return undefined;
    const key = JSON.stringify([namespace, Object.entries(labels).sort()]);
    const stranger = this.#known.get(key) ?? makeStranger(place, namespace, key, labels, this.#ips);
    this.#known.set(key, stranger);
    return stranger;
  }

  #namespaceAt(place: Place): string | undefined {
    if (place.kind === 'existing') return place.name;
    // No document can have this name: names have no space.
    const wanted = labelOf(place.labels, NAMESPACE_NAME);
    if (wanted !== undefined && this.namespaces.includes(wanted)) return undefined;
    const name = wanted ?? `to come ${JSON.stringify(Object.entries(place.labels).sort())}`;
    this.#labelsOf.set(name, { ...place.labels, [NAMESPACE_NAME]: name });
    return name;
  }
}

function makeStranger(place: Place, namespace: string, name: string, labels: Labels, ips: readonly IpAddr[]): Stranger {
  const pod: Pod = {
    ...{ kind: 'Pod', name, namespace, labels, annotations: {}, node: '', ips },
    ...{ hostNetwork: false, phase: 'Running', ready: true, terminating: false, serviceAccount: 'default', ports: [] },
    dns: { policy: 'Default', nameservers: [], searches: [], ndots: 1 },
  };
  return { place, pod, workload: { label: `${namespace}/${name}`, namespace, name, pods: [pod] } };
}

/** The last address but one of the Pod network. */
function freeAddress({ settings }: Cluster, family: Family): readonly IpAddr[] {
  const [range] = settings.podCIDRs.filter(({ addr }) => familyOf(addr) === family);
  if (range !== undefined) return [offsetIp(lastIp(range), -1)];
  return family === 4 && settings.podCIDRs.length === 0 ? [ip4(0)] : [];
}

/** Labels of a new namespace that the term may mean. */
export function namespaceFor(term: Exclude<NamespaceTerm, { readonly kind: 'named' }>, own: Labels): Labels {
  switch (term.kind) {
    case 'selector':
      return labelsFor(term.selector);
    case 'same-labels':
      return Object.fromEntries(term.keys.flatMap((key) => pairOf(key, labelOf(own, key))));
    case 'not-same-labels':
      return {};
  }
}

/** The fewest labels that meet each requirement by itself. */
export function labelsFor(selector: LabelSelector | undefined): Labels {
  const expressions = selector?.matchExpressions ?? [];
  const wanted = expressions.flatMap(({ key, operator, values }) => {
    if (operator !== 'In' && operator !== 'Exists') return [];
    const all = expressions.filter((each) => each.key === key);
    return pairOf(
      key,
      (operator === 'In' ? values : ANY).find((value) => meetsAll(all, key, value)),
    );
  });
  return Object.fromEntries([...wanted, ...Object.entries(selector?.matchLabels ?? {})]);
}

/** Values for a label that must only be there. */
const ANY: readonly string[] = ['any', 'other'];

function meetsAll(requirements: readonly SelectorRequirement[], key: string, value: string): boolean {
  return requirements.every((requirement) => matchesRequirement(requirement, { [key]: value }));
}

function pairOf(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}

type PodTerm = Extract<EndTerm, { readonly kind: 'pods' }>;

/** Those whom the term leaves out by a label that it names. */
export function exceptionsOf(term: PodTerm): readonly PodTerm[] {
  const { namespaces, pods } = term;
  const ofNamespaces = namespaces.kind === 'selector' ? oppositesOf(namespaces.selector) : [];
  return [
    ...oppositesOf(pods).map((opposite) => ({ ...term, pods: opposite })),
    ...ofNamespaces.map((selector) => ({ ...term, namespaces: { kind: 'selector' as const, selector } })),
  ];
}

function oppositesOf(selector: LabelSelector | undefined): readonly LabelSelector[] {
  return (selector?.matchExpressions ?? []).flatMap(({ key, operator, values }): readonly LabelSelector[] => {
    if (operator === 'DoesNotExist')
      return [{ matchLabels: {}, matchExpressions: [{ key, operator: 'Exists', values: [] }] }];
    return operator === 'NotIn' ? [{ matchLabels: {}, matchExpressions: [{ key, operator: 'In', values }] }] : [];
  });
}
