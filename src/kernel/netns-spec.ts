/**
 * What one says to build a network namespace: devices, the routes somebody added, rules. `buildNetns()` (netns-build.ts)
 * adds what the kernel adds by itself: `lo`, ifindexes, the local table, connected routes, rules 0/32766/32767.
 */
import type { Lazy } from '../lib/lazy.ts';
import type { Mac } from '../net/mac.ts';
import type { VirtualServer } from './ipvs/virtual-server.ts';
import type { Device, DeviceAddress, FdbEntry } from './link/device.ts';
import type { Hook, TableName } from './netfilter/hook.ts';
import type { Ipset } from './netfilter/ipset.ts';
import type { ChainPolicy, RuleSpec } from './netfilter/ruleset.ts';
import type { NetnsId } from './netns-id.ts';
import type { NftTableSpec } from './nftables/table-spec.ts';
import type { OriginAt } from './origin.ts';
import type { ArpResponder, PolicyRule, ProxyNeighbour, Route, StaticNeighbour } from './route/route.ts';
import type { Listener } from './socket.ts';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** A device before it has its place: index, MAC, MTU, state and addresses have defaults. */
export type DeviceSpec = Without<Device, 'index' | 'mac' | 'mtu' | 'up' | 'addresses'> & {
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly up?: boolean;
  readonly addresses?: readonly DeviceAddress[];
};

/**
 * A chain that a component declares and fills; `rules` is asked when a packet first enters it. Machines may share one
 * such object, and then its rules are parsed once: they must jump to the same chains on all of them.
 */
export type ChainSpec = {
  readonly table: TableName;
  readonly chain: string;
  readonly rules: Lazy<readonly RuleSpec[]>;
};

/** A rule that a component puts into a built-in chain, above or below what is there when its turn comes. */
export type HookSpec = {
  readonly table: TableName;
  readonly chain: Hook;
  readonly place: 'insert' | 'append';
  readonly rule: RuleSpec;
};

/**
 * Chains of one contribution that are many and seldom entered: found by name when a rule jumps to one, listed only when
 * somebody lists the table. No other contribution adds to them.
 */
export type ChainGroup = {
  readonly table: TableName;
  /** Whether a chain of this name would be one of them; asked for every jump that is parsed. */
  readonly owns: (name: string) => boolean;
  readonly find: (name: string) => ChainSpec | undefined;
  readonly all: Lazy<readonly ChainSpec[]>;
};

/** One family's rules, as the components contribute them, in the order in which they were started. */
export type IptablesSpec = {
  readonly chains: readonly ChainSpec[];
  readonly groups?: readonly ChainGroup[];
  readonly hooks: readonly HookSpec[];
  readonly policies?: readonly { readonly table: TableName; readonly chain: Hook; readonly policy: ChainPolicy }[];
};

/** Rules as the text of another tool, and where its first line stands. */
export type RulesText = {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Where the rule of a line came from; without it rules have no origin. */
  readonly originAt?: OriginAt;
};

/** What somebody has configured in a namespace; what the kernel adds is not in it. */
export type NetnsSpec = {
  readonly id: NetnsId;
  /** In the order of creation; `lo` is added where it is missing. */
  readonly devices: readonly DeviceSpec[];
  /** Routes beside the kernel's own, of any table. */
  readonly routes?: readonly Route[];
  /** Policy rules beside the standard ones, of both families (see familyOfRule()). */
  readonly rules?: readonly PolicyRule[];
  readonly neighbours?: readonly StaticNeighbour[];
  readonly proxyNeighbours?: readonly ProxyNeighbour[];
  readonly arpResponders?: readonly ArpResponder[];
  readonly fdb?: readonly FdbEntry[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Contributions in order: docker, kube-proxy, flannel, Calico … */
  readonly iptables?: readonly IptablesSpec[];
  readonly ip6tables?: readonly IptablesSpec[];
  /** Rules given as iptables-save text (a hand-written machine, a dump); the contributions come on top. */
  readonly iptablesText?: RulesText;
  readonly ip6tablesText?: RulesText;
  readonly ipsets?: readonly Ipset[];
  /** Tables of nftables, in the order of creation, and the text of `nft list ruleset` or of a file for `nft -f`. */
  readonly nftables?: readonly NftTableSpec[];
  readonly nftablesText?: RulesText;
  /** Virtual servers of IPVS, in the order in which they were added; asked when a packet first comes by. */
  readonly ipvs?: Lazy<readonly VirtualServer[]>;
  readonly listeners?: readonly Listener[];
};
