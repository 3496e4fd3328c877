/**
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1, in the shapes of network-policy-api
 * v0.1.1 and v0.1.7) and ClusterNetworkPolicy (v1alpha2): three APIs, one meaning.
 */
import type { Prefix } from '../../net/prefix.ts';
import type { LabelSelector, Labels, Protocol } from '../objects.ts';
import type { Source } from '../source.ts';

/** Which namespaces a subject or a peer means. */
export type NamespaceChoice =
  | { readonly kind: 'selector'; readonly selector: LabelSelector }
  /** v0.1.1: namespaces that have all these labels, each with the value that the subject's namespace has. */
  | { readonly kind: 'same-labels'; readonly keys: readonly string[] }
  /** v0.1.1: namespaces that lack one of these labels, or have it with another value than the subject's namespace. */
  | { readonly kind: 'not-same-labels'; readonly keys: readonly string[] };

/** Pods on the host network are never among them. An absent podSelector (the form `namespaces`) means every Pod. */
export type AdminPolicySubject = {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector | undefined;
};

export type AdminPolicyPeer = { readonly source?: Source } & (
  | { readonly kind: 'pods'; readonly namespaces: NamespaceChoice; readonly podSelector: LabelSelector | undefined }
  /** Egress only. Addresses of Pods inside a range match too. */
  | { readonly kind: 'networks'; readonly networks: readonly Prefix[] }
  /** Egress only: addresses of the nodes. */
  | { readonly kind: 'nodes'; readonly selector: LabelSelector }
  /** Egress only, with Accept (Allow) only: names as they resolve, `*.` for every name below. */
  | { readonly kind: 'domain-names'; readonly names: readonly string[] }
  /** None of the fields that are known (read with --lenient): the whole rule fails closed. */
  | { readonly kind: 'unknown' }
);

export type AdminPolicyPort = { readonly source?: Source } /** Every port of the protocol. */ & (
  | { readonly kind: 'protocol'; readonly protocol: Protocol }
  | { readonly kind: 'range'; readonly protocol: Protocol; readonly first: number; readonly last: number }
  /** A port of the destination Pod, of whatever protocol it has there. */
  | { readonly kind: 'named'; readonly name: string }
);

export type AdminPolicyAction = 'Accept' | 'Deny' | 'Pass';

export type AdminPolicyRule = {
  readonly name?: string;
  /** `Allow` of v1alpha1 is Accept. */
  readonly action: AdminPolicyAction;
  /** At least one: `from` or `to`. */
  readonly peers: readonly AdminPolicyPeer[];
  /** Empty means every protocol and port. */
  readonly ports: readonly AdminPolicyPort[];
  readonly source?: Source;
};

/** Ordered by priority in its tier, the lowest first; policies of one priority have no defined order. */
export type AdminPolicy = {
  readonly kind: 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source?: Source;
  /** Admin is asked before NetworkPolicies, Baseline after them. */
  readonly tier: 'Admin' | 'Baseline';
  /** 0 to 1000; a BaselineAdminNetworkPolicy has none and is the only one: 0. */
  readonly priority: number;
  readonly subject: AdminPolicySubject;
  readonly ingress: readonly AdminPolicyRule[];
  readonly egress: readonly AdminPolicyRule[];
};
