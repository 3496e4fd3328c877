/** What a target module is, and what a target may ask of the packet's way. */
import type { IpAddr } from '../../net/address.ts';
import type { ArgumentReader } from './arguments.ts';
import type { MatchEnv, ParseContext } from './match.ts';

/** Where NAT may map to (struct nf_nat_range2). Ends are equal for a single value. */
export type NatRange = {
  /** undefined: the address stays, or is the outgoing device's (masquerade) or the incoming one's (redirect). */
  readonly addresses?: { readonly first: IpAddr; readonly last: IpAddr };
  readonly ports?: { readonly first: number; readonly last: number };
  /** `--to-ports a-b/base`: the offset into the range is that of the original port. */
  readonly basePort?: number;
  readonly random?: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
  /** NETMAP: keep the host bits of the old address. */
  readonly netmap?: number;
};

/** The words of --reject-with, of iptables and of ip6tables (icmp6-…). */
export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'tcp-reset'
  | 'icmp6-no-route'
  | 'icmp6-adm-prohibited'
  | 'icmp6-addr-unreachable'
  | 'icmp6-port-unreachable'
  | 'icmp6-policy-fail'
  | 'icmp6-reject-route';

/** What happens after the rule matched. The evaluator carries it out. */
export type TargetOutcome =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'reject'; readonly with: RejectWith }
  /** skb->mark becomes `mark`; the walk through the chain goes on. */
  | { readonly kind: 'mark'; readonly mark: number }
  | { readonly kind: 'connmark'; readonly mark: number }
  | { readonly kind: 'dnat' | 'snat'; readonly range: NatRange }
  | { readonly kind: 'masquerade' | 'redirect'; readonly range: NatRange }
  /** ACCEPT-like in raw: the packet will not be tracked; the walk goes on. */
  | { readonly kind: 'notrack' }
  | { readonly kind: 'log'; readonly prefix: string }
  | { readonly kind: 'trace' }
  /**
   * Something other than addresses and marks changed (TCPMSS, CLASSIFY): nothing the walk depends on, but the fields
   * that are named: the packet's new TTL (TTL, HL) and DSCP (DSCP, TOS). `what` is for the reader.
   */
  | { readonly kind: 'alter'; readonly what: string; readonly ttl?: number; readonly dscp?: number }
  /**
   * The target is not modelled: it may have ended the packet's way or not. Where it did not, the walk goes on behind the
   * rule, or with `otherwise` it leaves the table.
   */
  | { readonly kind: 'unknown'; readonly what: string; readonly otherwise?: 'accept' };

/** The target of one rule, ready to be fired. */
export interface Target {
  /** `ACCEPT`, `DNAT`, the chain's name for a jump, '' for a rule without a target. */
  readonly name: string;
  fire(env: MatchEnv): TargetOutcome;
  /** `-j DNAT --to-destination 10.0.0.1:80`, `-g chain`, '' without a target. */
  print(): string;
  readonly needsConntrack?: boolean;
  /** A verdict of the standard target (ACCEPT, DROP, RETURN): the kernel's TRACE tells such rules apart when they are unconditional. */
  readonly standard?: boolean;
}

interface TargetModule<S> {
  readonly name: string;
  readonly kernel: string;
  /** Whether its checkentry calls nf_ct_netns_get(): always, or depending on the options. */
  readonly needsConntrack?: boolean | ((spec: S) => boolean);
  readonly standard?: boolean;
  parse(reader: ArgumentReader, context: ParseContext): S;
  /** Options in iptables-save's order, without `-j NAME`. */
  print(spec: S, family: 4 | 6): string;
  fire(spec: S, env: MatchEnv): TargetOutcome;
}

/** A target module as rules find it, by name. */
export interface RegisteredTarget {
  readonly name: string;
  readonly kernel: string;
  parse(reader: ArgumentReader, context: ParseContext): Target;
}

/** `of` makes a target of a spec, past the text. */
export function defineTarget<S>(module: TargetModule<S>): RegisteredTarget & { of(spec: S, family?: 4 | 6): Target } {
  const needsConntrack = (spec: S): boolean =>
    typeof module.needsConntrack === 'function' ? module.needsConntrack(spec) : module.needsConntrack === true;
  const of = (spec: S, family: 4 | 6 = 4): Target => ({
    name: module.name,
    fire: (env) => module.fire(spec, env),
    print: () => {
      const options = module.print(spec, family);
      return options === '' ? `-j ${module.name}` : `-j ${module.name} ${options}`;
    },
    ...(needsConntrack(spec) ? { needsConntrack: true } : {}),
    ...(module.standard ? { standard: true } : {}),
  });
  return {
    name: module.name,
    kernel: module.kernel,
    of,
    parse: (reader, context) => of(module.parse(reader, context), context.family),
  };
}
