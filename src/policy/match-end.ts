/** Whether an end is who a term of a rule means, and if not, the first thing that does not fit. */
import type { Cluster } from '../cluster/cluster.ts';
import type { LabelSelector, Pod } from '../cluster/objects.ts';
import type { HostEndpoint, NetworkSet } from '../cluster/policy/calico-policy.ts';
import { type LabelLookup, selects } from '../cluster/policy/selector.ts';
import { type LabelMiss, labelMisses, labelOf, matchesSelector } from '../cluster/selector.ts';
import { assertNever } from '../lib/assert.ts';
import type { IpAddr } from '../net/address.ts';
import { contains, type Prefix } from '../net/prefix.ts';
import type { End } from './end.ts';
import { hostEndpointLabels, networkSetLabels, podLabels } from './endpoint-labels.ts';
import type { EndTerm, LabelTerm, NamespaceTerm, PolicySubject, Unsupported } from './rule-set.ts';

export type EndMiss =
  | { readonly kind: 'outside-nets'; readonly nets: readonly Prefix[] }
  /** `net`: the block that it is an exception of, where one was written. */
  | { readonly kind: 'in-exception'; readonly net?: Prefix; readonly except: Prefix }
  /** Selectors mean Pods, and the address is none of a Pod that policies see. */
  | { readonly kind: 'not-a-pod' }
  | { readonly kind: 'other-namespace'; readonly wanted: string; readonly got: string }
  /** Of sameLabels: the two namespaces differ in the label, or share all of them and should not. */
  | { readonly kind: 'namespaces-differ' | 'namespaces-agree'; readonly keys: readonly string[] }
  | { readonly kind: 'labels'; readonly namespace: readonly LabelMiss[]; readonly pod: readonly LabelMiss[] }
  | { readonly kind: 'selector' | 'not-selector'; readonly text: string }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'unsupported'; readonly what: Unsupported };

/** undefined where the term means the end. `subject` is the Pod that the policy selects: sameLabels compares with it. */
export function missOfTerm(cluster: Cluster, term: EndTerm, end: End, subject: End): EndMiss | undefined {
  switch (term.kind) {
    case 'pods':
      return missOfPods(cluster, term, end, subject);
    case 'nets':
      return missOfNets(term.nets, term.except, end);
    case 'entity':
      return missOfEntity(cluster, term, end);
    case 'unsupported':
      return term;
    default:
      return assertNever(term);
  }
}

function missOfPods(
  cluster: Cluster,
  { namespaces, pods, andNetworkSets }: Extract<EndTerm, { readonly kind: 'pods' }>,
  { ip, pod }: End,
  subject: End,
): EndMiss | undefined {
  const own = subject.pod?.namespace;
  if (andNetworkSets && isInSet(cluster, namespaces, ip, own)) return undefined;
  if (pod === undefined) return { kind: 'not-a-pod' };
  return missOfPod(cluster, namespaces, pods, pod, own);
}

/** Whether a network set or a host endpoint that the namespaces mean has the address. */
function isInSet(cluster: Cluster, namespaces: NamespaceTerm, ip: IpAddr, own: string | undefined): boolean {
  return (
    cluster.networkSets.some(
      (set) => set.nets.some((net) => contains(net, ip)) && isSetOf(cluster, namespaces, set, own),
    ) ||
    (hostEndpointsAt(cluster, ip).length > 0 && isNowhere(namespaces))
  );
}

function isSetOf(cluster: Cluster, namespaces: NamespaceTerm, set: NetworkSet, own: string | undefined): boolean {
  if (set.kind === 'NetworkSet') return missOfNamespace(cluster, namespaces, set.namespace, own) === undefined;
  return isNowhere(namespaces);
}

/** Whether a term for Pods and their namespaces means host endpoints as well. */
export function meansHosts({ namespaces, andNetworkSets }: Extract<EndTerm, { readonly kind: 'pods' }>): boolean {
  return andNetworkSets && isNowhere(namespaces);
}

/** What has no namespace has none of its labels: requirements that a missing label meets hold for it. */
function isNowhere(namespaces: NamespaceTerm): boolean {
  if (namespaces.kind !== 'selector') return false;
  const { matchLabels, matchExpressions } = namespaces.selector;
  const saysNothing = Object.keys(matchLabels).length + matchExpressions.length === 0;
  return !saysNothing && matchesSelector(namespaces.selector, {});
}

/** Whether the policy selects the host endpoint. */
export function selectsHost(cluster: Cluster, subject: PolicySubject, endpoint: HostEndpoint): boolean {
  if (subject.kind === 'pods' || subject.namespace !== undefined) return false;
  const labels = hostEndpointLabels(cluster, endpoint);
  return subject.selectors.every(({ selector }) => selects(selector, labels));
}

/** undefined where the policy selects the end. */
export function missOfSubject(cluster: Cluster, subject: PolicySubject, end: End): EndMiss | undefined {
  if (end.pod === undefined) return { kind: 'not-a-pod' };
  if (subject.kind === 'pods') {
    return missOfPod(cluster, subject.namespaces, subject.pods, end.pod, end.pod.namespace);
  }
  const { namespace, selectors } = subject;
  const got = end.pod.namespace;
  if (namespace !== undefined && got !== namespace) return { kind: 'other-namespace', wanted: namespace, got };
  const labels = podLabels(cluster, end.pod);
  const miss = selectors.find(({ selector }) => !selects(selector, labels));
  return miss === undefined ? undefined : { kind: 'selector', text: miss.text };
}

function missOfNamespace(
  cluster: Cluster,
  term: NamespaceTerm,
  got: string,
  own: string | undefined,
): EndMiss | undefined {
  switch (term.kind) {
    case 'named':
      return got === term.name ? undefined : { kind: 'other-namespace', wanted: term.name, got };
    case 'selector': {
      const misses = labelMisses(term.selector, cluster.namespaceLabels(got));
      return misses.length === 0 ? undefined : { kind: 'labels', namespace: misses, pod: [] };
    }
    case 'same-labels':
    case 'not-same-labels': {
      const [here, there] = [cluster.namespaceLabels(own ?? ''), cluster.namespaceLabels(got)];
      const same = term.keys.every((key) => {
        const value = labelOf(here, key);
        return value !== undefined && labelOf(there, key) === value;
      });
      if (same === (term.kind === 'same-labels')) return undefined;
      return { kind: same ? 'namespaces-agree' : 'namespaces-differ', keys: term.keys };
    }
    default:
      return assertNever(term);
  }
}

/** Everything that the labels of the Pod and of its namespace miss, told together. */
function missOfPod(
  cluster: Cluster,
  namespaces: NamespaceTerm,
  selector: LabelSelector | undefined,
  pod: Pod,
  own: string | undefined,
): EndMiss | undefined {
  const miss = missOfNamespace(cluster, namespaces, pod.namespace, own);
  if (miss !== undefined && miss.kind !== 'labels') return miss;
  const ofPod = labelMisses(selector, pod.labels);
  return miss === undefined && ofPod.length === 0
    ? undefined
    : { kind: 'labels', namespace: miss?.namespace ?? [], pod: ofPod };
}

function missOfNets(nets: readonly Prefix[], except: readonly Prefix[], { ip }: End): EndMiss | undefined {
  const inside = (prefix: Prefix): boolean => contains(prefix, ip);
  const net = nets.find(inside);
  if (net === undefined) return { kind: 'outside-nets', nets };
  const hole = except.find(inside);
  return hole === undefined ? undefined : { kind: 'in-exception', net, except: hole };
}

function missOfEntity(
  cluster: Cluster,
  term: Extract<EndTerm, { readonly kind: 'entity' }>,
  end: End,
): EndMiss | undefined {
  const { nets, notNets, selector, notSelector, service } = term;
  const known = (): boolean => holdersOf(cluster, end).length > 0;
  if (nets.length > 0) {
    const miss = missOfNets(nets, [], end);
    if (miss !== undefined) return miss;
  }
  const hole = notNets.find((prefix) => contains(prefix, end.ip));
  if (hole !== undefined) return { kind: 'in-exception', except: hole };
  if (selector !== undefined && !isSelected(cluster, selector, end)) {
    return known() ? { kind: 'selector', text: selector.text } : { kind: 'not-a-pod' };
  }
  if (notSelector !== undefined && isSelected(cluster, notSelector, end))
    return { kind: 'not-selector', text: notSelector.text };
  if (service !== undefined && !isBackend(cluster, service, end)) return { kind: 'service', ...service };
  return undefined;
}

/** A selector's set holds the addresses of all endpoints and network sets whose labels satisfy it. */
function isSelected(cluster: Cluster, { selector }: LabelTerm, end: End): boolean {
  return holdersOf(cluster, end).some((labels) => selects(selector, labels));
}

/** Labels of everything that Calico knows by this address. */
function holdersOf(cluster: Cluster, { ip, pod }: End): readonly LabelLookup[] {
  const sets = cluster.networkSets.filter(({ nets }) => nets.some((prefix) => contains(prefix, ip)));
  return [
    ...(pod === undefined ? [] : [podLabels(cluster, pod)]),
    ...hostEndpointsAt(cluster, ip).map((endpoint) => hostEndpointLabels(cluster, endpoint)),
    ...sets.map((set) => networkSetLabels(cluster, set)),
  ];
}

const NONE: readonly HostEndpoint[] = [];
const BY_ADDRESS = new WeakMap<readonly HostEndpoint[], ReadonlyMap<IpAddr, readonly HostEndpoint[]>>();

/** Host endpoints that expect the address: selectors mean them, too. */
export function hostEndpointsAt({ hostEndpoints }: Cluster, ip: IpAddr): readonly HostEndpoint[] {
  if (hostEndpoints.length === 0) return NONE;
  let byAddress = BY_ADDRESS.get(hostEndpoints);
  if (byAddress === undefined) {
    const found = new Map<IpAddr, HostEndpoint[]>();
    for (const endpoint of hostEndpoints) {
      for (const each of new Set(endpoint.expectedIps)) {
        const known = found.get(each);
        if (known === undefined) found.set(each, [endpoint]);
        else known.push(endpoint);
      }
    }
    byAddress = found;
    BY_ADDRESS.set(hostEndpoints, byAddress);
  }
  return byAddress.get(ip) ?? NONE;
}

function isBackend(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { ip }: End,
): boolean {
  const service = cluster.service(namespace, name);
  if (service === undefined) return false;
  return cluster.slicesOf(service).some(({ endpoints }) => endpoints.some((endpoint) => endpoint.ip === ip));
}
