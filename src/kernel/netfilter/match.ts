/** What a match module is, and what it may look at. */
import type { Fraction } from '../../lib/fraction.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { ArgumentReader } from './arguments.ts';
import type { DrawnPort } from './drawn-port.ts';
import type { Hook, TableName } from './hook.ts';
import type { Ipset } from './ipset.ts';
import type { StateSlots } from './state.ts';

/** The words of --ctstate for a packet. */
export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** Addresses and ports of one direction of a connection (struct nf_conntrack_tuple). */
export type Tuple = {
  readonly src: IpAddr;
  readonly dst: IpAddr;
  readonly protocol: number;
  /** Ports; for ICMP the identifier in `sport`, type * 256 + code in `dport`. */
  readonly sport: number;
  readonly dport: number;
};

/** What matches may know of the packet's connection (struct nf_conn). */
export type ConnectionView = {
  readonly original: Tuple;
  /** Expected from the replies: what NAT chose is visible here. */
  readonly reply: Tuple;
  readonly direction: 'ORIGINAL' | 'REPLY';
  readonly mark: number;
  /** IPS_SRC_NAT, IPS_DST_NAT, IPS_SEEN_REPLY, IPS_ASSURED, IPS_CONFIRMED. */
  readonly status: {
    readonly srcNat: boolean;
    readonly dstNat: boolean;
    readonly seenReply: boolean;
    readonly assured: boolean;
    readonly confirmed: boolean;
  };
  /** Seconds until the entry expires. */
  readonly expires: number;
};

/** What matches may know of a connection that IPVS balances (struct ip_vs_conn). */
export type IpvsView = {
  readonly protocol: number;
  readonly address: IpAddr;
  readonly port: number;
  readonly method: 'GATE' | 'IPIP' | 'MASQ';
  /** Port of the connection that controls it: the template of a persistent virtual server. */
  readonly controlPort: number | undefined;
};

/** Results of inet_addr_type() as xt_addrtype names them. */
export type AddressType =
  | 'UNSPEC'
  | 'UNICAST'
  | 'LOCAL'
  | 'BROADCAST'
  | 'ANYCAST'
  | 'MULTICAST'
  | 'BLACKHOLE'
  | 'UNREACHABLE'
  | 'PROHIBIT'
  | 'THROW';

/** A decision that neither the packet nor the rules make. Every outcome is explored by the caller. */
export type Chance =
  /** Happens with this exact probability. */
  | { readonly kind: 'random'; readonly what: string; readonly probability: Fraction }
  /** The model cannot tell (an unknown match, a missing set): both outcomes are possible. */
  | { readonly kind: 'unknown'; readonly what: string };

/** `--loose`: by any device; `--validmark`: with the packet's mark; `--accept-local`: an own address is a source, too. */
export type ReversePathOptions = {
  readonly loose: boolean;
  readonly validMark: boolean;
  readonly acceptLocal: boolean;
};

/** What a match, or a target, may see: the packet as it is now, and where it is. */
export interface MatchEnv {
  readonly packet: Packet;
  readonly table: TableName;
  readonly hook: Hook;
  readonly inDevice: string | undefined;
  readonly outDevice: string | undefined;
  /** Bridge ports of a bridged packet (nf_bridge_info). */
  readonly physIn: string | undefined;
  readonly physOut: string | undefined;
  /** The packet is being bridged, not routed: `physdev-is-bridged`. */
  readonly bridged: boolean;
  readonly mark: number;
  readonly sourceMac: Mac | undefined;
  /** Of the frame it came in by. */
  readonly destinationMac?: Mac | undefined;
  readonly ctState: CtState;
  readonly connection: ConnectionView | undefined;
  /** Of who sent the packet here; without ids it is a socket of the kernel itself; undefined for forwarded packets. */
  readonly socket: { readonly uid: number | undefined; readonly gid: number | undefined } | undefined;
  /** inet_addr_type_dev_table(): by the routing tables, of one device when it is named. */
  addressType(address: IpAddr, device?: string): AddressType;
  /** xt_rpfilter's look-up: whether the way back to the source leaves by the input device. */
  reversePath(options: ReversePathOptions): boolean;
  ipset(name: string): Ipset | undefined;
  /** Of a packet that IPVS has translated (ipvs_property), and the connection that its addresses belong to, if any. */
  readonly ipvs?: { readonly connection: IpvsView | undefined } | undefined;
  /** Memory of stateful matches (recent, limit, nth …), of this namespace and run. */
  readonly state: StateSlots;
  /** Milliseconds since the run began. */
  readonly now: number;
  /** What is known of a port that stands for one which NAT has drawn. */
  drawnPort?(port: number): DrawnPort | undefined;
  /** Asks for the outcome of a chance. */
  chance(chance: Chance): boolean;
}

/** What a packet must have for a match to hold at all: an index in front of long chains may read it. */
export type Narrowing = {
  readonly protocol?: number | undefined;
  readonly dst?: Prefix | undefined;
  readonly dport?: number;
};

/** One match of one rule, ready to be asked. */
export interface Match {
  /** The module: `tcp`, `set`; `header` for -s -d -i -o -p -f. */
  readonly name: string;
  test(env: MatchEnv): boolean;
  /** iptables-save's words for it, `-m name` included: `-m tcp --dport 80`. */
  print(): string;
  /** The namespace needs connection tracking once such a rule is loaded (nf_ct_netns_get). */
  readonly needsConntrack?: boolean;
  /** It looks at state or chance: two looks may differ. */
  readonly volatile?: boolean;
  readonly narrows?: Narrowing;
  /** Why the kernel refuses the match in a chain of this table that is reached from these hooks; undefined: it takes it. */
  refusal?(table: TableName, hooks: readonly Hook[]): string | undefined;
}

/** What a module needs to know of the rule while it is parsed. */
export type ParseContext = {
  readonly family: 4 | 6;
  readonly protocol: number | undefined;
  readonly protocolInverted: boolean;
};

/** One extension of iptables, with the options of its rules as `S`. */
export interface MatchModule<S> {
  readonly name: string;
  /** The kernel file whose behaviour it repeats: `net/netfilter/xt_mark.c`. */
  readonly kernel: string;
  readonly needsConntrack?: boolean;
  readonly volatile?: boolean;
  /** Reads the module's own options; leaves the reader at the first word that is not its own. Throws ArgumentError. */
  parse(reader: ArgumentReader, context: ParseContext): S;
  /** Options in iptables-save's order, without `-m name`. */
  print(spec: S, family: 4 | 6): string;
  test(spec: S, env: MatchEnv): boolean;
  narrows?(spec: S): Narrowing | undefined;
  refusal?(spec: S, table: TableName, hooks: readonly Hook[]): string | undefined;
}

/** A module with its options type hidden: what the registry holds. */
export interface RegisteredMatch {
  readonly name: string;
  readonly kernel: string;
  parse(reader: ArgumentReader, context: ParseContext): Match;
}

/** Closes over the options type, so that it is typed for the module and hidden from the evaluator. */
export function defineMatch<S>(module: MatchModule<S>): RegisteredMatch & { of(spec: S, family?: 4 | 6): Match } {
  const { refusal } = module;
  const of = (spec: S, family: 4 | 6 = 4): Match => ({
    name: module.name,
    test: (env) => module.test(spec, env),
    print: () => {
      const options = module.print(spec, family);
      return options === '' ? `-m ${module.name}` : `-m ${module.name} ${options}`;
    },
    ...(module.needsConntrack ? { needsConntrack: true } : {}),
    ...(module.volatile ? { volatile: true } : {}),
    ...narrowsOf(module.narrows?.(spec)),
    ...(refusal === undefined
      ? {}
      : { refusal: (table: TableName, hooks: readonly Hook[]) => refusal(spec, table, hooks) }),
  });
  return {
    name: module.name,
    kernel: module.kernel,
    of,
    parse: (reader, context) => of(module.parse(reader, context), context.family),
  };
}

function narrowsOf(narrows: Narrowing | undefined): { readonly narrows?: Narrowing } {
  return narrows === undefined ? {} : { narrows };
}
