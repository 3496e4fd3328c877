/** Policies of every API as Felix sees them: what libcalico-go makes of them for the calculation graph (model.Policy, model.Rule). */
import type { CalicoIcmp, CalicoProtocol } from '../../../cluster/policy/calico-policy.ts';
import type { Selector } from '../../../cluster/policy/selector.ts';
import type { Source } from '../../../cluster/source.ts';
import type { Prefix } from '../../../net/prefix.ts';
import type { PortRange } from './felix-rule.ts';

export type Direction = 'ingress' | 'egress';
export const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** What a rule asks of one end. Everything that is there must match; lists are alternatives; negated ones must all miss. */
export type RuleSide = {
  readonly nets: readonly Prefix[];
  readonly notNets: readonly Prefix[];
  /** One selector made of the rule's selectors, namespaces and service accounts. */
  readonly selector?: Selector;
  /** Only where there is no selector that it could be made part of. */
  readonly notSelector?: Selector;
  readonly ports: readonly PortRange[];
  readonly namedPorts: readonly string[];
  readonly notPorts: readonly PortRange[];
  readonly notNamedPorts: readonly string[];
  readonly service?: { readonly namespace: string; readonly name: string };
};

export type PolicyRule = {
  /** Position in spec.ingress or spec.egress of the rule it comes from. */
  readonly index: number;
  readonly action: 'allow' | 'deny' | 'pass' | 'log';
  readonly ipVersion?: 4 | 6;
  readonly protocol?: CalicoProtocol;
  readonly notProtocol?: CalicoProtocol;
  readonly icmp?: CalicoIcmp;
  readonly notIcmp?: CalicoIcmp;
  readonly from: RuleSide;
  readonly to: RuleSide;
  /** What iptables shows beside each of its rules: the name that an admin gave it. */
  readonly comments: readonly string[];
};

/** The object as messages name it. */
export type PolicyObject = {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly source?: Source;
};

/** Which stage of a host endpoint a policy is for; workloads know `normal` alone. */
export type PolicyStage = 'normal' | 'untracked' | 'pre-dnat';

export type Policy = {
  readonly object: PolicyObject;
  /** As Calico calls it, in the words of each release. */
  readonly id: PolicyId;
  readonly tier: string;
  /** Infinity where none is given. */
  readonly order: number;
  readonly types: readonly ('Ingress' | 'Egress')[];
  /** Which endpoints it is for. */
  readonly selector: Selector;
  /** It can select endpoints of this namespace only. */
  readonly namespace?: string;
  readonly stage: PolicyStage;
  /** Whether it is for traffic that a host forwards, too. */
  readonly forward: boolean;
  /** In order. Converted when first asked for. */
  rules(direction: Direction): readonly PolicyRule[];
};

/** Names up to 3.31 are flat (`shop/knp.default.web`); since 3.32 there are kind, namespace and name. */
export type PolicyId = {
  readonly kind: string;
  readonly shortKind: string;
  readonly namespace?: string;
  readonly name: string;
  /** `default.web`, `knp.default.web`, `kanp.adminnetworkpolicy.web`. */
  readonly tieredName: string;
};

export const NO_SIDE: RuleSide = {
  nets: [],
  notNets: [],
  ports: [],
  namedPorts: [],
  notPorts: [],
  notNamedPorts: [],
};
