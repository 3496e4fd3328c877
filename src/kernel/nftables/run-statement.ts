/** One statement at work: nft_do_chain() of net/netfilter/nf_tables_core.c calls the expressions that it stands for. */
import { familyOf, type IpAddr, ip4, ip6 } from '../../net/address.ts';
import { protocolNumber } from '../../net/packet.ts';
import { type Bucket, takeToken } from '../netfilter/matches/rate.ts';
import { StateSlot } from '../netfilter/state.ts';
import type { NatRange, TargetOutcome } from '../netfilter/target.ts';
import type { OriginId } from '../origin.ts';
import { compare } from './compare.ts';
import { boundsOf } from './constant.ts';
import type { Constant, NatStatement, Statement, Value, Verdict } from './expression.ts';
import { changeElement } from './find-element.ts';
import type { NftHost } from './passage-host.ts';
import { lookUp, readConstants, readExpression } from './read-expression.ts';
import { rejectWith } from './reject.ts';
import type { NftTable } from './ruleset.ts';

type StatementResult =
  /** NFT_CONTINUE: on with the rule. */
  | { readonly kind: 'next' }
  /** NFT_BREAK: the rule does not match. */
  | { readonly kind: 'miss' }
  /** On with the rule, once this was carried out. */
  | { readonly kind: 'effect'; readonly outcome: TargetOutcome }
  /** The rule's verdict. `origin` is that of the element which named it. */
  | { readonly kind: 'verdict'; readonly outcome: TargetOutcome; readonly origin?: OriginId | undefined };

const NEXT: StatementResult = { kind: 'next' };
const MISS: StatementResult = { kind: 'miss' };

/** What it came to is not carried out yet: runChain() asks the host to. */
export function runStatement(statement: Statement, table: NftTable, host: NftHost): StatementResult {
  switch (statement.kind) {
    case 'comparison':
      return compare(statement, table, host) ? NEXT : MISS;
    case 'vmap': {
      const hit = lookUp(statement.key, statement.map, table, host);
      if (hit?.data?.kind !== 'verdict') return MISS;
      const outcome = verdictOutcome(hit.data.verdict);
      // nft_lookup_eval() stores the verdict; `continue` goes on behind the map.
      return outcome.kind === 'continue' ? NEXT : { kind: 'verdict', outcome, origin: hit.origin };
    }
    case 'verdict': {
      const outcome = verdictOutcome(statement.verdict);
      return { kind: 'verdict', outcome };
    }
    case 'reject':
      return reject(statement.with, host);
    case 'nat':
      return translate(statement, table, host);
    case 'assign':
      return assign(statement, table, host);
    case 'notrack':
      return { kind: 'effect', outcome: { kind: 'notrack' } };
    case 'log':
      return { kind: 'effect', outcome: { kind: 'log', prefix: statement.prefix } };
    case 'limit':
      return withinLimit(statement, host) === statement.over ? MISS : NEXT;
    case 'dynset':
      return change(statement, table, host);
    case 'unknown':
      if (statement.ends) return { kind: 'verdict', outcome: { kind: 'unknown', what: `nftables: ${statement.text}` } };
      return host.env().chance({ kind: 'unknown', what: `nftables: ${statement.text}` }) ? NEXT : MISS;
    case 'counter':
    case 'harmless':
      return NEXT;
  }
}

function verdictOutcome(verdict: Verdict): TargetOutcome {
  // nf_queue(): without a program the packet is dropped, with one nobody knows.
  if (verdict.kind === 'queue') return { kind: 'unknown', what: verdict.text, otherwise: 'accept' };
  return verdict.kind === 'jump' || verdict.kind === 'goto'
    ? { kind: verdict.kind, chain: verdict.chain }
    : { kind: verdict.kind };
}

function reject(words: string | undefined, host: NftHost): StatementResult {
  const { packet } = host.skb;
  const answer = rejectWith(words, familyOf(packet.src));
  // Both conditions are put in front of the statement by nft (stmt_evaluate_reject()).
  if (answer === undefined || (answer === 'tcp-reset' && protocolNumber(packet) !== 6)) return MISS;
  return { kind: 'verdict', outcome: { kind: 'reject', with: answer } };
}

function assign(statement: Extract<Statement, { kind: 'assign' }>, table: NftTable, host: NftHost): StatementResult {
  const value = readExpression(statement.value, table, host)?.[0];
  if (typeof value !== 'number') return MISS;
  switch (statement.target) {
    case 'meta mark':
      return { kind: 'effect', outcome: { kind: 'mark', mark: value } };
    case 'ct mark':
      return { kind: 'effect', outcome: { kind: 'connmark', mark: value } };
    case 'ip ttl':
    case 'ip6 hoplimit': {
      const six = statement.target === 'ip6 hoplimit';
      if ((familyOf(host.skb.packet.src) === 6) !== six) return MISS;
      return { kind: 'effect', outcome: { kind: 'alter', what: `TTL ${value}`, ttl: value & 255 } };
    }
    case 'ip dscp':
    case 'ip6 dscp': {
      const six = statement.target === 'ip6 dscp';
      if ((familyOf(host.skb.packet.src) === 6) !== six) return MISS;
      return { kind: 'effect', outcome: { kind: 'alter', what: `DSCP ${value}`, dscp: value & 63 } };
    }
  }
}

const HAS_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** nft_nat_eval(), nft_masq_ipv4_eval(), nft_redir_eval() */
function translate(statement: NatStatement, table: NftTable, host: NftHost): StatementResult {
  const { nat, flags } = statement;
  const given = statement.address === undefined ? [] : readConstants(statement.address, table, host);
  if (given === undefined) return MISS;
  const [address, mapped] = given;
  const port = statement.port === undefined ? mapped : readConstants(statement.port, table, host)?.[0];
  const addresses = address === undefined ? undefined : addressesOf(address);
  if (addresses !== undefined && familyOf(addresses.first) !== familyOf(host.skb.packet.src)) return MISS;
  const ports = port === undefined ? undefined : portsOf(port);
  // Ports are of transport protocols only; nft asks for one in front of them.
  if (ports !== undefined && !HAS_PORTS.has(protocolNumber(host.skb.packet))) return MISS;
  const range: NatRange = {
    ...(addresses === undefined ? {} : { addresses }),
    ...(ports === undefined ? {} : { ports }),
    ...(flags.includes('random') ? { random: true } : {}),
    ...(flags.includes('fully-random') ? { randomFully: true } : {}),
    ...(flags.includes('persistent') ? { persistent: true } : {}),
    ...(statement.prefix === true && address?.kind === 'prefix' ? { netmap: address.bits } : {}),
  };
  return { kind: 'verdict', outcome: { kind: nat, range } };
}

function addressesOf(constant: Constant): { readonly first: IpAddr; readonly last: IpAddr } | undefined {
  const bounds = boundsOf(constant);
  const first = bounds === undefined ? undefined : toAddress(bounds.first);
  const last = bounds === undefined ? undefined : toAddress(bounds.last);
  return first === undefined || last === undefined ? undefined : { first, last };
}

function toAddress(value: Value): IpAddr | undefined {
  if (typeof value === 'number') return ip4(value);
  return typeof value === 'bigint' ? ip6(value) : undefined;
}

function portsOf(constant: Constant): { readonly first: number; readonly last: number } | undefined {
  const bounds = boundsOf(constant);
  return typeof bounds?.first === 'number' && typeof bounds.last === 'number'
    ? { first: bounds.first, last: bounds.last }
    : undefined;
}

const buckets = new StateSlot<{ bucket: Bucket | undefined }>(() => ({ bucket: undefined }));

/** nft_limit_eval(): tokens are time; a packet of a byte limit costs as many as it is long. */
function withinLimit(limit: Extract<Statement, { kind: 'limit' }>, host: NftHost): boolean {
  const env = host.env();
  const slot = env.state.get(buckets, limit);
  const unit = limit.rate === 0 ? Number.POSITIVE_INFINITY : (limit.perSeconds * 1000) / limit.rate;
  const cap = limit.bytes ? unit * (limit.rate + limit.burst) : unit * limit.burst;
  slot.bucket ??= { credit: cap, at: env.now };
  return takeToken(slot.bucket, env.now, limit.bytes ? unit * env.packet.length : unit, cap);
}

function change(statement: Extract<Statement, { kind: 'dynset' }>, table: NftTable, host: NftHost): StatementResult {
  const set = table.set(statement.set);
  const values = readExpression(statement.key, table, host);
  if (set === undefined || values === undefined) return MISS;
  // A statement inside the element (`limit rate over 10/second`) has the say for each key: it is not modelled.
  if (statement.text !== undefined && !statement.text.startsWith('counter')) {
    const holds = host.env().chance({ kind: 'unknown', what: `nftables: ${statement.text}` });
    if (!holds) return MISS;
  }
  const data = statement.data === undefined ? undefined : readConstants(statement.data, table, host);
  if (statement.data !== undefined && data === undefined) return MISS;
  const stored = data === undefined ? undefined : ({ kind: 'values', values: data } as const);
  return changeElement(statement.operation, set, values, stored, host.env()) ? NEXT : MISS;
}
