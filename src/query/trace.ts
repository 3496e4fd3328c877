/**
 * The answer to a question as plain data: what reports print. Its shape follows the JSON of a trace (nettrace/trace/v1);
 * sentences are phrases, so that one answer can be printed in every language.
 */
import type { Symptom } from '../explain/codes/entry.ts';
import type { ReasonCode } from '../explain/codes.ts';
import type { Phrase } from '../explain/language.ts';
import type { OriginView } from '../explain/origin-view.ts';
import type { PathVerdict, Verdict } from '../explain/verdict.ts';
import type { StepKind } from '../kernel/walk/step.ts';
import type { Fraction } from '../lib/fraction.ts';

export type PacketView = {
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly ttl: number;
  readonly mark: number | null;
  /** `SYN`, `echo-request`, `port-unreachable` … */
  readonly note: string;
  readonly inner: PacketView | null;
};

export type StepView = {
  /** `http`: a proxy's decision between two connections. */
  readonly phase: StepKind | 'http';
  readonly hook: string | null;
  readonly table: string | null;
  readonly chain: string | null;
  readonly event: 'rule' | 'return' | 'policy' | null;
  readonly number: number | null;
  /** As the real tool prints it: `-A KUBE-SEP-… -j DNAT …`, `10.0.0.0/24 via …`. */
  readonly rule: string | null;
  readonly action: string;
  readonly before: PacketView;
  readonly after: PacketView | null;
  readonly origin: OriginView | null;
  readonly device: string | null;
  /** Of a packet that leaves: the device that receives it, with its machine if that is another. */
  readonly receiver: string | null;
  /** The chains from the built-in one to this one. */
  readonly chains: readonly string[];
  /** 0: in every report; 1: with -v; 2: with -vv. */
  readonly level: 0 | 1 | 2;
  /** The step that the blame lies with. */
  readonly blamed: boolean;
};

/** Consecutive steps in one network namespace behind one device. */
export type HopView = {
  readonly node: string;
  readonly netns: string;
  /** The Pod or container on the node; null on the machine itself. */
  readonly inside: string | null;
  readonly device: string | null;
  readonly steps: readonly StepView[];
};

export type BlameView = {
  readonly node: string;
  readonly device: string | null;
  readonly hook: string | null;
  readonly table: string | null;
  readonly chain: string | null;
  readonly rule: string | null;
  readonly origin: OriginView | null;
};

export type BackendView = { readonly pod: string | null; readonly ip: string; readonly port: number | null };

export type RefusalView = {
  readonly kind: 'rst' | 'icmp';
  readonly type: number | null;
  readonly code: number | null;
  readonly from: string;
};

type ReplyView = {
  readonly verdict: PathVerdict;
  readonly code: ReasonCode | null;
  readonly hops: readonly HopView[];
};

export type PathView = {
  readonly probability: Fraction;
  /** Of the request alone: a lost reply is told in `reply`. */
  readonly verdict: PathVerdict;
  readonly code: ReasonCode | null;
  readonly symptom: Symptom;
  readonly backend: BackendView | null;
  readonly sourceSeen: string | null;
  /** The client's address as the receiver's ingress policies saw it; null where none was asked. */
  readonly policySaw: string | null;
  readonly hops: readonly HopView[];
  readonly answer: RefusalView | null;
  readonly ttl: number | null;
  readonly reply: ReplyView | null;
  /** Of the conversation, with the reply. */
  readonly outcome: {
    readonly verdict: PathVerdict;
    readonly code: ReasonCode | null;
    readonly summary: Phrase;
    readonly blame: BlameView | null;
  };
  /** What the path takes for granted because the model does not know it. */
  readonly presumed: readonly string[];
  readonly stats: StatsView;
  /**
   * Only of a path that was not walked, as it goes like another one to its own backend: its hops are empty. Not told where
   * no path has hops.
   */
  readonly like?: LikeView;
  /** Only of a request that reached an HTTP proxy. */
  readonly http?: HttpView;
};

/** The path that was walked instead, and what differs besides backend, probability and stats. */
type LikeView = {
  /** Its place in the list of paths. */
  readonly path: number;
  /** The backend's own machine. */
  readonly node: string | null;
};

/** What an HTTP proxy did with the request. */
export type HttpView = {
  /** `namespace/name` of the proxy's Pod. */
  readonly proxy: string;
  readonly method: string;
  readonly url: string;
  /** The rule in words. */
  readonly rule: string;
  /** `namespace/name:port` of the backend; null where the proxy answers by itself. */
  readonly service: string | null;
  readonly endpoint: BackendView | null;
  /** The proxy's own answer; null where the backend answers, whose status nobody knows. */
  readonly status: number | null;
  /** Where a redirect leads. */
  readonly location: string | null;
  /** Endpoints that were tried. */
  readonly tries: number;
};

export type StatsView = { readonly rulesExamined: number; readonly chainsEntered: number };

/** The policies that select one end, and why none of their rules fits. */
export type PolicyView = {
  readonly direction: 'ingress' | 'egress';
  readonly pod: string;
  readonly selecting: readonly OriginView[];
  readonly misses: readonly Phrase[];
};

/** One DNS query that was sent on the way to the address. */
export type DnsQueryView = {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly server: string;
  readonly answer: 'NOERROR' | 'NXDOMAIN' | 'none';
  readonly addresses: readonly string[];
  readonly verdict: Verdict | null;
};

export type DnsView = {
  readonly name: string;
  readonly nameserver: string | null;
  readonly search: readonly string[];
  readonly ndots: number | null;
  readonly queries: readonly DnsQueryView[];
  readonly addresses: readonly string[];
  readonly verdict: Verdict;
  readonly code: ReasonCode | null;
  /** The walk of the query, as the other paths are shown; empty when nothing was sent. */
  readonly paths: readonly PathView[];
};

export type AssumptionView = { readonly code: string; readonly message: string };

export type Trace = {
  readonly query: {
    readonly source: string;
    readonly destination: string;
    readonly protocol: string;
    readonly port: number | null;
    /** What the names turned out to be, for the header of a report. */
    readonly sourceAddress: string | null;
    readonly destinationAddress: string | null;
    readonly destinationKind: string | null;
  };
  readonly result: {
    readonly verdict: Verdict;
    readonly code: ReasonCode | null;
    readonly symptom: Symptom;
    readonly summary: Phrase;
    readonly blame: BlameView | null;
    /** Of all connections, how many end as `delivered`. */
    readonly deliveredShare: Fraction;
  };
  readonly dns: DnsView | null;
  readonly paths: readonly PathView[];
  readonly policies: readonly PolicyView[];
  readonly assumptions: readonly AssumptionView[];
  readonly stats: StatsView;
};
