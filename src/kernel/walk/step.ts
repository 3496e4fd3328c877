/** The vocabulary of a walk: what happened to a packet, in order. */
import type { Fraction } from '../../lib/fraction.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import type { DropReason } from '../drop-reason.ts';
import type { RealServer, VirtualServer } from '../ipvs/virtual-server.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { CtState } from '../netfilter/match.ts';
import type { Rule } from '../netfilter/ruleset.ts';
import type { NetnsId } from '../netns-id.ts';
import type { NftRule } from '../nftables/ruleset.ts';
import type { OriginId } from '../origin.ts';
import type { PolicyRule, Route } from '../route/route.ts';
import type { Listener } from '../socket.ts';

/** How a look-up in the routing tables ended. */
export type RouteOutcome =
  | { readonly kind: 'forward'; readonly device: string; readonly via: IpAddr | undefined; readonly route: Route }
  | { readonly kind: 'local'; readonly device: string; readonly route: Route }
  | {
      readonly kind: 'fail';
      readonly reason: DropReason;
      readonly error: RouteError;
      readonly route: Route | undefined;
    };

/** What the kernel's look-up returned instead of a route. */
export type RouteError = 'EINVAL' | 'EHOSTUNREACH' | 'EACCES' | 'ENETUNREACH' | 'EXDEV' | 'EADDRNOTAVAIL';

type StepBase = { readonly netns: NetnsId; readonly packet: Packet; readonly origin?: OriginId };

/** A rule matched, or a chain ended. */
export type NetfilterStep = StepBase & {
  readonly kind: 'netfilter';
  readonly hook: Hook;
  /** Of iptables its name, of nftables family and name: `ip filter`. */
  readonly table: string;
  readonly chain: string;
  /**
   * As the kernel's TRACE names it (net/ipv4/netfilter/ip_tables.c get_chainname_rulenum()): an unconditional rule with
   * a standard verdict is called the chain's `return`, or in a built-in chain its `policy`.
   */
  readonly event: 'rule' | 'return' | 'policy';
  /** As iptables-save lists the chain's rules, from 1; one more than the last for the end of the chain. */
  readonly number: number;
  /** undefined at the end of a chain. */
  readonly rule: Rule | NftRule | undefined;
  /** What the rule, the return or the policy did: ACCEPT, DROP, RETURN, `jump BLOCKLIST`, `MARK 0x4000`, `DNAT 10.0.0.1:80` … */
  readonly action: string;
  readonly verdict: 'accept' | 'drop' | 'reject' | 'continue';
  readonly mark: number;
  readonly markAfter: number;
  readonly ctState: CtState;
  readonly inDevice: string | undefined;
  readonly outDevice: string | undefined;
};

/** IPVS gave a connection to a server (undefined: none is available), or translated a packet that comes back. */
export type IpvsStep = StepBase & {
  readonly kind: 'ipvs';
  readonly hook: Hook;
  readonly service: VirtualServer;
  readonly server: RealServer | undefined;
  readonly after: Packet;
  readonly reply: boolean;
};

/** One thing that happened to a packet, in one namespace; `packet` is as it was before it. */
export type Step =
  | NetfilterStep
  | IpvsStep
  /** A frame arrived on the device. */
  | (StepBase & { readonly kind: 'receive'; readonly device: string })
  /** The packet left by the device. */
  | (StepBase & { readonly kind: 'transmit'; readonly device: string; readonly destinationMac: Mac | undefined })
  /** A local process, or the kernel itself, made the packet. */
  | (StepBase & { readonly kind: 'originate'; readonly by: 'process' | 'kernel' })
  | (StepBase & {
      readonly kind: 'route';
      readonly direction: 'input' | 'output';
      readonly rule: PolicyRule | undefined;
      readonly outcome: RouteOutcome;
    })
  /** Address translation by conntrack, of the first packet or of a later one (reply: translated back). */
  | (StepBase & {
      readonly kind: 'nat';
      readonly hook: Hook;
      readonly manip: 'src' | 'dst';
      readonly reply: boolean;
      readonly after: Packet;
    })
  | (StepBase & { readonly kind: 'ttl'; readonly after: Packet })
  | (StepBase & {
      readonly kind: 'neighbour';
      readonly device: string;
      readonly target: IpAddr;
      readonly mac: Mac | undefined;
      readonly how: 'permanent' | 'arp' | 'proxy_arp' | 'ndp' | 'proxy_ndp' | 'failed';
      readonly answeredBy: NetnsId | undefined;
    })
  | (StepBase & {
      readonly kind: 'bridge';
      readonly bridge: string;
      readonly inPort: string | undefined;
      readonly outPort: string | undefined;
      readonly flooded: boolean;
    })
  | (StepBase & { readonly kind: 'encapsulate'; readonly device: string; readonly outer: Packet })
  | (StepBase & { readonly kind: 'decapsulate'; readonly device: string; readonly inner: Packet })
  | (StepBase & { readonly kind: 'segment'; readonly segment: string })
  | (StepBase & {
      readonly kind: 'deliver';
      readonly to: 'socket' | 'echo' | 'icmp-error' | 'nothing';
      readonly listener: Listener | undefined;
    })
  /** The packet made this machine send an answer: SYN-ACK, RST, echo reply, ICMP error, datagram. */
  | (StepBase & { readonly kind: 'answer'; readonly answer: Packet; readonly refusal: boolean })
  | (StepBase & {
      readonly kind: 'drop';
      readonly reason: DropReason /** The device it was about to leave by, else the one it came in by. */;
      readonly device?: string;
      readonly detail?: string;
    })
  /** Only with -v: a chain is entered; only with -vv: a rule was examined and did not match, `missed` being the first match that failed. */
  | (StepBase & { readonly kind: 'chain'; readonly table: string; readonly chain: string })
  | (StepBase & {
      readonly kind: 'miss';
      readonly table: string;
      readonly chain: string;
      readonly number: number;
      readonly rule: Rule | NftRule;
      readonly missed: string;
    });

export type StepKind = Step['kind'];

/** How one walk of one packet ended. */
export type Disposition =
  /** Taken by a socket, or by the kernel (echo request, ICMP error for a local socket). */
  | { readonly kind: 'delivered'; readonly netns: NetnsId; readonly listener: Listener | undefined }
  /** Answered with a refusal: RST, ICMP error. `reason` says what refused it. */
  | {
      readonly kind: 'refused';
      readonly netns: NetnsId;
      readonly reason: DropReason;
      readonly answer: Packet;
      readonly step: Step /** What the send call returned besides. */;
      readonly errno?: string;
    }
  /** Gone without an answer. */
  | {
      readonly kind: 'dropped';
      readonly netns: NetnsId;
      readonly reason: DropReason;
      readonly step: Step /** What the local sender's call returned, if it was told at once. */;
      readonly errno?: string;
    };

/** One packet's way from its origin to its end. */
export type Leg = {
  readonly steps: readonly Step[];
  readonly disposition: Disposition;
  /** The packet as it was at its end. */
  readonly packet: Packet;
  /** What the receiver or a machine on the way sent back, if anything. */
  readonly answer: Packet | undefined;
};

/** What to send. */
export type Probe = {
  readonly netns: NetnsId;
  readonly destination: IpAddr;
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp';
  readonly sport: number;
  readonly dport: number;
  /** undefined: the kernel chooses by the route. */
  readonly source?: IpAddr;
  readonly ttl?: number;
  /** Bytes of the IP packet; the default is that of a bare probe. */
  readonly length?: number;
  readonly dontFragment?: boolean;
  readonly uid?: number;
  readonly gid?: number;
  readonly mark?: number;
};

/** What the sender of a probe observes. */
export type Observation =
  | { readonly kind: 'connected' /** TTL of the answer as it arrives. */; readonly ttl: number; readonly from: IpAddr }
  | { readonly kind: 'reset'; readonly ttl: number; readonly from: IpAddr }
  | {
      readonly kind: 'icmp';
      readonly type: number;
      readonly code: number;
      readonly from: IpAddr;
      readonly ttl: number;
      readonly mtu?: number;
    }
  | { readonly kind: 'errno'; readonly errno: string }
  | { readonly kind: 'silence' };

/** One decision of chance along a path, in order. */
export type Choice = { readonly what: string; readonly taken: string; readonly probability: Fraction | undefined };

/** One way the conversation can go: a request, its answer, and the choices that led here. */
export type Path = {
  readonly probability: Fraction;
  readonly choices: readonly Choice[];
  /** Unknown parts of the model that this path takes for granted (Chance of kind 'unknown'). */
  readonly presumed: readonly string[];
  readonly request: Leg;
  readonly answer: Leg | undefined;
  /** What the answer led to, in order, where the sender hears of that instead of the answer. */
  readonly further?: readonly Leg[];
  readonly observation: Observation;
  readonly stats: { readonly rulesExamined: number; readonly chainsEntered: number };
  /** Which of all paths it is, twins counted, where paths of one exploration have twins. */
  readonly place?: number;
  /** Paths that were not walked because they differ from this one in nothing but what is said here. */
  readonly twins?: readonly Twin[];
};

/** A path that goes as another one does, to a destination of its own: names and addresses of the last machines differ. */
export type Twin = Pick<Path, 'probability' | 'stats'> & {
  readonly place: number;
  readonly destination: IpAddr;
  readonly port: number;
};
