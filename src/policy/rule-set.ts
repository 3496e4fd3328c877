/** All policy APIs in one form: tiers of policies, in the order in which they are asked, each with rules for one direction. */
import type { LabelSelector } from '../cluster/objects.ts';
import type { AdminPolicy } from '../cluster/policy/admin-policy.ts';
import type { Selector } from '../cluster/policy/selector.ts';
import type { Source } from '../cluster/source.ts';
import type { PortRange } from '../net/port-range.ts';
import type { Prefix } from '../net/prefix.ts';
import type { ConnectionSet } from './connection-set.ts';

export type Direction = 'ingress' | 'egress';
export const DIRECTIONS = ['egress', 'ingress'] as const satisfies readonly Direction[];

/** Namespaces of Pods, seen from the Pod that a policy selects. */
export type NamespaceTerm =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: LabelSelector }
  /** Those with the same values of all these labels as the selected Pod's namespace. */
  | { readonly kind: 'same-labels'; readonly keys: readonly string[] }
  | { readonly kind: 'not-same-labels'; readonly keys: readonly string[] };

/** A Calico selector with the text in which a report repeats it. */
export type LabelTerm = { readonly text: string; readonly selector: Selector };

/** One way to say who an end is. */
export type EndTerm =
  /** Pods of the Pod network; an absent selector means every Pod. */
  | {
      readonly kind: 'pods';
      readonly namespaces: NamespaceTerm;
      readonly pods: LabelSelector | undefined;
      /** Calico turns a peer that names namespaces alone into a selector that their NetworkSets satisfy, too. */
      readonly andNetworkSets: boolean;
    }
  | { readonly kind: 'nets'; readonly nets: readonly Prefix[]; readonly except: readonly Prefix[] }
  /** Calico's entity rule: every part that is there must hold. Selectors mean endpoints and network sets. */
  | {
      readonly kind: 'entity';
      readonly nets: readonly Prefix[];
      readonly notNets: readonly Prefix[];
      readonly selector: LabelTerm | undefined;
      readonly notSelector: LabelTerm | undefined;
      readonly service: { readonly namespace: string; readonly name: string } | undefined;
    }
  /** What the plugin cannot turn into rules: it means nobody. */
  | { readonly kind: 'unsupported'; readonly what: Unsupported };

export type Unsupported = 'nodes' | 'domain-names' | 'unknown-peer' | 'named-port';

/** A port by number, or by the name that the destination Pod gives it: of a protocol that is among the traffic's. */
export type PortTerm =
  | { readonly kind: 'range'; readonly range: PortRange }
  | { readonly kind: 'named'; readonly name: string };

/** Which packets: of these connections, and where ports are given to one of them. Empty lists do not limit. */
export type TrafficTerm = {
  readonly connections: ConnectionSet;
  readonly ports: readonly PortTerm[];
  readonly notPorts: readonly PortTerm[];
  readonly sourcePorts: readonly PortTerm[];
  readonly notSourcePorts: readonly PortTerm[];
};

export type RuleAction = 'allow' | 'deny' | 'pass' | 'log';

export type PolicyRule = {
  /** `ingress[0]`: its place below `spec`. */
  readonly field: string;
  readonly name: string | undefined;
  readonly action: RuleAction;
  readonly family: 4 | 6 | undefined;
  /** The other end is one of these; undefined: whoever it is. */
  readonly peers: readonly EndTerm[] | undefined;
  /** What Calico's rules say about the selected end itself. */
  readonly own: EndTerm | undefined;
  /** One of these; undefined: all traffic. */
  readonly traffic: readonly TrafficTerm[] | undefined;
  /** The plugin cannot convert the rule, which was to deny or pass, and denies everything in its place. */
  readonly failsClosed?: Unsupported;
  /** Families for which the rule keeps its whole chain from being programmed: what the chain does is not known. */
  readonly refusedIn?: readonly (4 | 6)[];
};

export type PolicySubject =
  | { readonly kind: 'pods'; readonly namespaces: NamespaceTerm; readonly pods: LabelSelector | undefined }
  | { readonly kind: 'labels'; readonly namespace: string | undefined; readonly selectors: readonly LabelTerm[] };

/** Before connections are tracked, before a Service's address is translated, or where a packet leaves or is for this machine. */
type PolicyStage = 'untracked' | 'pre-dnat' | 'normal';

type PolicyName = {
  /** As it is written in the input: both APIs have a NetworkPolicy. */
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly source: Source | undefined;
};

export type Policy = PolicyName & {
  /** Which API it was written in. */
  readonly api: 'calico' | 'NetworkPolicy' | AdminPolicy['kind'];
  readonly order: number;
  readonly subject: PolicySubject;
  /** When it is asked: Pods know `normal` alone, the others are for host endpoints. */
  readonly stage: PolicyStage;
  /** Host endpoints ask it about what their node forwards, too. */
  readonly forward: boolean;
  /** Rules of each direction it is for: a policy without rules is for it all the same and matches nothing. */
  readonly rules: Readonly<Partial<Record<Direction, readonly PolicyRule[]>>>;
};

export type PolicyTier = {
  readonly name: string;
  readonly order: number;
  /** What becomes of what no policy decided, where at least one selects the Pod. */
  readonly defaultAction: 'deny' | 'pass';
  /** In the order in which they are asked. */
  readonly policies: readonly Policy[];
};
