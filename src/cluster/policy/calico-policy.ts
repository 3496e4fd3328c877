/** Calico's objects that decide about packets (projectcalico.org/v3), after the defaults of its API server. */
import type { IpAddr } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { Labels, NetworkPolicy } from '../objects.ts';
import type { Source } from '../source.ts';
import type { Selector } from './selector.ts';

type ObjectBase = {
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source?: Source;
};

/** A selector with the text it was written as: names of chains are made from the text. */
export type CalicoSelector = { readonly text: string; readonly selector: Selector };

/** `name` only where it was written as a name: iptables is given what was written. */
export type CalicoProtocol = {
  readonly number: number;
  readonly name?: 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6' | 'SCTP' | 'UDPLite';
};

/** Both absent never happens: an `icmp: {}` says nothing and is not kept. A code needs a type. */
export type CalicoIcmp = { readonly type: number; readonly code?: number };

export type CalicoPort =
  | { readonly kind: 'range'; readonly first: number; readonly last: number }
  | { readonly kind: 'named'; readonly name: string };

/** Every field that is there must match; lists inside one are alternatives; of the negated ones none may match. */
export type CalicoEntityRule = {
  /** Empty: any address. */
  readonly nets: readonly Prefix[];
  readonly notNets: readonly Prefix[];
  /** Endpoints and network sets; absent: any address. */
  readonly selector?: CalicoSelector;
  readonly notSelector?: CalicoSelector;
  readonly namespaceSelector?: CalicoSelector;
  /** Both empty never happens. */
  readonly serviceAccounts?: { readonly names: readonly string[]; readonly selector?: CalicoSelector };
  /** Endpoints of a Service: with their ports as a destination, without as a source. */
  readonly services?: { readonly name: string; readonly namespace: string };
  readonly ports: readonly CalicoPort[];
  readonly notPorts: readonly CalicoPort[];
  readonly source?: Source;
};

type CalicoAction = 'Allow' | 'Deny' | 'Log' | 'Pass';

export type CalicoRule = {
  readonly action: CalicoAction;
  readonly ipVersion?: 4 | 6;
  readonly protocol?: CalicoProtocol;
  readonly notProtocol?: CalicoProtocol;
  readonly icmp?: CalicoIcmp;
  readonly notIcmp?: CalicoIcmp;
  /** Of the packet, in ingress and egress rules alike. */
  readonly from: CalicoEntityRule;
  readonly to: CalicoEntityRule;
  /** It asks about HTTP as well, which no packet alone can answer. */
  readonly http?: true;
  /** Of metadata: what iptables shows beside the rule. */
  readonly annotations?: Labels;
  readonly source?: Source;
};

type CalicoPolicySpec = ObjectBase & {
  readonly tier: string;
  /** The lowest first; absent: behind all that have one. Equal ones run in the order of `name/namespace/kind`. */
  readonly order?: number;
  readonly types: readonly ('Ingress' | 'Egress')[];
  /** Absent text is all(). */
  readonly selector: CalicoSelector;
  readonly serviceAccountSelector?: CalicoSelector;
  readonly ingress: readonly CalicoRule[];
  readonly egress: readonly CalicoRule[];
};

/** It selects workloads of its own namespace only. Its kind is NetworkPolicy there; Kubernetes' own has that name here. */
export type CalicoNetworkPolicy = CalicoPolicySpec & {
  readonly kind: 'CalicoNetworkPolicy';
  readonly namespace: string;
};

/** It selects host endpoints, too, unless its selector excludes them. */
export type GlobalNetworkPolicy = CalicoPolicySpec & {
  readonly kind: 'GlobalNetworkPolicy';
  readonly namespaceSelector?: CalicoSelector;
  /** These three say something about host endpoints only. */
  readonly doNotTrack: boolean;
  readonly preDnat: boolean;
  readonly applyOnForward: boolean;
};

export type CalicoPolicy = CalicoNetworkPolicy | GlobalNetworkPolicy;

/** Never enforced. `policy` is what would be, or what would go (Delete). */
export type StagedPolicy = ObjectBase & {
  readonly kind: 'StagedNetworkPolicy' | 'StagedGlobalNetworkPolicy' | 'StagedKubernetesNetworkPolicy';
  readonly namespace?: string;
  readonly stagedAction: 'Set' | 'Delete' | 'Learn' | 'Ignore';
  readonly policy: CalicoPolicy | NetworkPolicy;
};

export type Tier = ObjectBase & {
  readonly kind: 'Tier';
  /** Absent: behind all that have one. Equal ones in the order of their names. */
  readonly order?: number;
  /** What becomes of packets that no policy of the tier decided about, where at least one selects the endpoint. */
  readonly defaultAction: 'Deny' | 'Pass';
};

export type NetworkSet = ObjectBase & { readonly nets: readonly Prefix[] } & (
    | { readonly kind: 'NetworkSet'; readonly namespace: string }
    | { readonly kind: 'GlobalNetworkSet' }
  );

export type HostEndpoint = ObjectBase & {
  readonly kind: 'HostEndpoint';
  readonly node: string;
  /** A device, or `*` for all but those of workloads; absent: the devices that hold an expected address. */
  readonly interfaceName?: string;
  readonly expectedIps: readonly IpAddr[];
  readonly profiles: readonly string[];
  readonly ports: readonly { readonly name: string; readonly protocol: CalicoProtocol; readonly port: number }[];
};

/** Rules for endpoints that no policy decides about. Those of namespaces and service accounts are not among the objects. */
export type Profile = ObjectBase & {
  readonly kind: 'Profile';
  readonly ingress: readonly CalicoRule[];
  readonly egress: readonly CalicoRule[];
  readonly labelsToApply: Labels;
};
