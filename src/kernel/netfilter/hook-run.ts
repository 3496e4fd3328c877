/** One packet at one hook: net/netfilter/core.c nf_hook_slow() over the functions that stand there. */
import { type IpAddr, ip4 } from '../../net/address.ts';
import { isIcmpError } from '../../net/packet.ts';
import { connectionsOf, passIpvs } from '../ipvs/pass-ipvs.ts';
import { viewOfConnection } from '../ipvs/view.ts';
import type { Netns } from '../netns.ts';
import { addressType } from '../route/address-type.ts';
import { reversePath } from '../route/input.ts';
import { selectAddress } from '../route/source-address.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import type { Cursor, Next } from '../walk/stage.ts';
import type { NetfilterStep } from '../walk/step.ts';
import { type Attachment, ctStateOf, trackPacket } from './conntrack.ts';
import { describeOutcome } from './describe-outcome.ts';
import { type EvaluationSink, evaluateTable, needsConntrack } from './evaluate.ts';
import { HOOK_FUNCTIONS, type Hook, type TableName } from './hook.ts';
import type { ConnectionView, MatchEnv } from './match.ts';
import { manipOf, natDone, setupNat, translate } from './nat.ts';
import type { Chain, Rule, Table } from './ruleset.ts';
import type { NatRange, RejectWith, TargetOutcome } from './target.ts';

/** Where the packet is: devices as rules see them, and the next hop for MASQUERADE. */
export type HookPlace = {
  readonly inDevice?: string | undefined;
  readonly outDevice?: string | undefined;
  readonly nexthop?: IpAddr | undefined;
  /** ip_route_me_harder(), asked at OUTPUT when something changed that the route depends on; false: there is none. */
  readonly reroute?: (skb: Skb) => boolean;
};

export type HookResult =
  | { readonly kind: 'accept'; readonly skb: Skb }
  | { readonly kind: 'drop'; readonly skb: Skb; readonly step: NetfilterStep | undefined }
  /** NF_STOLEN: something took the packet, and it goes on as `next` says. */
  | { readonly kind: 'stolen'; readonly skb: Skb; readonly next: (at: Cursor) => Next }
  | { readonly kind: 'reject'; readonly skb: Skb; readonly with: RejectWith; readonly step: NetfilterStep };

/** Runs all functions of the hook in order of priority, until one drops the packet. */
export function runHook(run: Run, netns: Netns, hook: Hook, skb: Skb, place: HookPlace): HookResult {
  const ruleset = typeof skb.packet.src === 'number' ? netns.iptables() : netns.ip6tables();
  const tracking = needsConntrack(ruleset);
  const passage = new Passage(run, netns, hook, place, skb);
  for (const step of HOOK_FUNCTIONS[hook]) {
    switch (step.kind) {
      case 'conntrack':
        if (tracking) passage.track();
        break;
      case 'confirm':
        passage.confirm();
        break;
      case 'ipvs': {
        const outcome = passIpvs(run, netns, hook, step.part, passage.skb, place);
        if (outcome.kind === 'leave') return { kind: 'stolen', skb: outcome.skb, next: outcome.next };
        passage.become(outcome.skb);
        break;
      }
      case 'table': {
        const table = ruleset.get(step.table);
        const before = passage.skb;
        if (step.table === 'nat') {
          if (tracking && !passage.translate(table)) return passage.dropped();
          // nf_nat_ipv4_local_fn(): a new destination wants a new route before the filter table sees the packet.
          if (passage.skb.packet.dst !== before.packet.dst && place.reroute?.(passage.skb) === false)
            return passage.dropped();
          break;
        }
        if (table === undefined) break;
        const verdict = passage.evaluate(table);
        if (verdict.kind === 'drop') return passage.dropped();
        if (verdict.kind === 'reject') return passage.rejected(verdict.with);
        // ipt_mangle_out() compares the mark before and after the mangle table, and only there.
        const remarked = step.table === 'mangle' && passage.skb.mark !== before.mark;
        if (remarked && place.reroute?.(passage.skb) === false) return passage.dropped();
        break;
      }
    }
  }
  return { kind: 'accept', skb: passage.skb };
}

/** The packet's passage through one hook: its changing marks, and the steps that are told of it. */
class Passage implements EvaluationSink {
  skb: Skb;
  readonly #run: Run;
  readonly #netns: Netns;
  readonly #hook: Hook;
  readonly #place: HookPlace;
  #table: TableName = 'filter';
  #env: MatchEnv | undefined;
  #last: NetfilterStep | undefined;

  constructor(run: Run, netns: Netns, hook: Hook, place: HookPlace, skb: Skb) {
    this.#run = run;
    this.#netns = netns;
    this.#hook = hook;
    this.#place = place;
    this.skb = skb;
  }

  dropped(): HookResult {
    return { kind: 'drop', skb: this.skb, step: this.#last };
  }

  rejected(how: RejectWith): HookResult {
    if (this.#last === undefined) return this.dropped();
    return { kind: 'reject', skb: this.skb, with: how, step: this.#last };
  }

  /** nf_conntrack_in() */
  track(): void {
    const { skb } = this;
    // "Previously seen (loopback or untracked)? Ignore."
    if (skb.connection !== undefined || skb.untracked === true) return;
    const loose = this.#netns.sysctls.number('net.netfilter.nf_conntrack_tcp_loose') !== 0;
    const found = trackPacket(this.#run.memory(this.#netns.id).connections, skb.packet, loose);
    this.#change({ ...skb, connection: found });
  }

  /** nf_conntrack_confirm(): the first packet's entry becomes visible when the packet leaves or is delivered. */
  confirm(): void {
    const attachment = this.skb.connection;
    if (attachment === undefined || attachment.direction !== 'ORIGINAL' || attachment.info === 'RELATED') return;
    this.#run.memory(this.#netns.id).connections.confirm(attachment.connection);
  }

  evaluate(table: Table): ReturnType<typeof evaluateTable> {
    this.#table = table.name;
    this.#env = undefined;
    return evaluateTable(table, this.#hook, this);
  }

  /** nf_nat_inet_fn(): the nat chains for the first packet of a connection only, then the binding for every packet. */
  translate(table: Table | undefined): boolean {
    const attachment = this.skb.connection;
    if (attachment === undefined) return true;
    const manip = manipOf(this.#hook);
    const { connection, info } = attachment;
    // Related packets go through the chains as new ones do (a reset that REJECT made, say), but ICMP errors never.
    const asks = info === 'NEW' || (info === 'RELATED' && !isIcmpError(this.skb.packet));
    if (asks && !natDone(connection, manip) && table !== undefined) {
      if (this.evaluate(table).kind !== 'accept') return false;
      // nf_nat_alloc_null_binding(): no rule translated, but the port may have to move out of another flow's way.
      if (!natDone(connection, manip)) setupNat(this.#connections(), connection, manip, undefined);
    }
    const before = this.skb.packet;
    const after = translate(before, attachment, this.#hook);
    if (after !== before) {
      this.#run.emit({
        kind: 'nat',
        netns: this.#netns.id,
        packet: before,
        hook: this.#hook,
        manip,
        reply: attachment.direction === 'REPLY',
        after,
      });
      this.#change({ ...this.skb, packet: after });
    }
    return true;
  }

  // The evaluator's questions and news.

  env(): MatchEnv {
    this.#env ??= this.#makeEnv();
    return this.#env;
  }

  enter(chain: Chain): void {
    this.#run.chainsEntered++;
    if (this.#run.verbosity > 0) {
      this.#run.emit({
        kind: 'chain',
        netns: this.#netns.id,
        packet: this.skb.packet,
        table: this.#table,
        chain: chain.name,
      });
    }
  }

  get exhaustive(): boolean {
    return this.#run.verbosity >= 2;
  }

  skip(count: number): void {
    this.#run.rulesExamined += count;
  }

  miss(chain: Chain, number: number, rule: Rule, failed: number): void {
    this.#run.rulesExamined++;
    if (this.#run.verbosity < 2) return;
    const missed = rule.matches[failed]?.print() ?? '';
    const base = { netns: this.#netns.id, packet: this.skb.packet, table: this.#table, chain: chain.name };
    this.#run.emit({ kind: 'miss', ...base, number, rule, missed });
  }

  event(
    event: 'rule' | 'return' | 'policy',
    chain: Chain,
    number: number,
    rule: Rule | undefined,
    outcome: TargetOutcome,
  ): TargetOutcome {
    if (rule !== undefined) this.#run.rulesExamined++;
    const before = this.skb;
    const done = this.#carryOut(outcome);
    const origin = rule?.origin;
    const step: NetfilterStep = {
      kind: 'netfilter',
      netns: this.#netns.id,
      packet: before.packet,
      hook: this.#hook,
      table: this.#table,
      chain: chain.name,
      event,
      number,
      rule,
      action: describeOutcome(outcome, done),
      verdict: done.kind === 'accept' || done.kind === 'drop' || done.kind === 'reject' ? done.kind : 'continue',
      mark: before.mark,
      markAfter: this.skb.mark,
      ctState: ctStateOf(before.connection, before.untracked === true),
      inDevice: this.#place.inDevice,
      outDevice: this.#place.outDevice,
      ...(origin === undefined ? {} : { origin }),
    };
    this.#last = step;
    this.#run.emit(step);
    return done;
  }

  /** Marks, connection marks, notrack and translations take effect; the walk goes on with what is returned. */
  #carryOut(outcome: TargetOutcome): TargetOutcome {
    switch (outcome.kind) {
      case 'mark':
        this.#change({ ...this.skb, mark: outcome.mark });
        return { kind: 'continue' };
      case 'connmark':
        if (this.skb.connection !== undefined) this.skb.connection.connection.mark = outcome.mark;
        this.#env = undefined;
        return { kind: 'continue' };
      case 'notrack':
        if (this.skb.connection === undefined && this.skb.attachedNothing !== true) {
          this.#change({ ...this.skb, untracked: true });
        }
        return { kind: 'continue' };
      case 'dnat':
        return this.#bind('dst', outcome.range);
      case 'snat':
        return this.#bind('src', outcome.range);
      case 'masquerade':
        return this.#masquerade(outcome.range);
      case 'redirect':
        return this.#redirect(outcome.range);
      case 'alter': {
        const { packet } = this.skb;
        const ttl = outcome.ttl ?? packet.ttl;
        const dscp = outcome.dscp === undefined ? {} : { dscp: outcome.dscp };
        if (outcome.ttl !== undefined || outcome.dscp !== undefined) {
          this.#change({ ...this.skb, packet: { ...packet, ttl, ...dscp } });
        }
        return { kind: 'continue' };
      }
      case 'unknown':
        return this.#run.chance({ kind: 'unknown', what: outcome.what })
          ? { kind: 'drop' }
          : { kind: outcome.otherwise ?? 'continue' };
      default:
        return outcome;
    }
  }

  #bind(manip: 'src' | 'dst', range: NatRange): TargetOutcome {
    const attachment = this.skb.connection;
    if (attachment === undefined) return { kind: 'accept' };
    setupNat(this.#connections(), attachment.connection, manip, range);
    return { kind: 'accept' };
  }

  /** nf_nat_masquerade_ipv4(): the address is the outgoing device's, whatever `src` the route names. */
  #masquerade(range: NatRange): TargetOutcome {
    const { outDevice, nexthop } = this.#place;
    const address =
      outDevice === undefined
        ? undefined
        : selectAddress(this.#netns, outDevice, nexthop ?? this.skb.packet.dst, 'global');
    if (address === undefined) return { kind: 'drop' };
    return this.#bind('src', { ...range, addresses: { first: address, last: address } });
  }

  /** nf_nat_redirect_ipv4(): to the first address of the device it came in by; from here, to the loopback address. */
  #redirect(range: NatRange): TargetOutcome {
    const device = this.#place.inDevice === undefined ? undefined : this.#netns.devices.get(this.#place.inDevice);
    const address = this.#hook === 'OUTPUT' ? ip4(0x7f000001) : device?.addresses[0]?.ip;
    if (address === undefined) return { kind: 'drop' };
    return this.#bind('dst', { ...range, addresses: { first: address, last: address } });
  }

  #connections() {
    return this.#run.memory(this.#netns.id).connections;
  }

  /** Something beside the tables changed the packet. */
  become(skb: Skb): void {
    if (skb !== this.skb) this.#change(skb);
  }

  #change(skb: Skb): void {
    this.skb = skb;
    this.#env = undefined;
  }

  #makeEnv(): MatchEnv {
    const { skb } = this;
    const run = this.#run;
    const netns = this.#netns;
    const { inDevice, outDevice } = this.#place;
    return {
      packet: skb.packet,
      table: this.#table,
      hook: this.#hook,
      inDevice,
      outDevice,
      physIn: skb.bridge?.physIn,
      physOut: skb.bridge?.physOut,
      bridged: skb.bridge?.bridged ?? false,
      mark: skb.mark,
      sourceMac: inDevice === undefined ? undefined : skb.frame?.source,
      ctState: ctStateOf(skb.connection, skb.untracked === true),
      connection: skb.connection === undefined ? undefined : viewOf(skb.connection),
      socket: skb.socket,
      addressType: (address, device) => addressType(netns, address, device),
      reversePath: (options) => inDevice === undefined || reversePath(netns, skb, inDevice, options),
      ipset: (name) => netns.ipsets.get(name),
      ipvs: skb.ipvsProperty === true ? viewOfConnection(connectionsOf(run, netns), skb.packet) : undefined,
      state: run.memory(netns.id).state,
      now: run.now,
      chance: (chance) => run.chance(chance),
    };
  }
}

function viewOf(attachment: Attachment): ConnectionView {
  const { connection: c, direction } = attachment;
  return {
    original: c.original,
    reply: c.reply,
    direction,
    mark: c.mark,
    status: { srcNat: c.srcNat, dstNat: c.dstNat, seenReply: c.seenReply, assured: false, confirmed: c.confirmed },
    expires: 120,
  };
}
