/** A packet on its way through the functions of one hook, and what they make of it. */
import type { IpAddr } from '../../net/address.ts';
import { isIcmpError } from '../../net/packet.ts';
import type { Netns } from '../netns.ts';
import type { HookChains } from '../nftables/hook-chains.ts';
import type { NftHost, NftNews } from '../nftables/passage-host.ts';
import type { NftRule } from '../nftables/ruleset.ts';
import { runChain } from '../nftables/run-chain.ts';
import type { Decision, Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import { mangleChecksum } from '../walk/wrong-checksum.ts';
import { type Connection, isNeighbourDiscovery, trackPacket } from './conntrack.ts';
import { DrawnPort } from './drawn-port.ts';
import { type EvaluationSink, evaluateTable, type TableVerdict } from './evaluate.ts';
import type { Hook, TableName } from './hook.ts';
import type { HookPlace, HookResult } from './hook-run.ts';
import type { Match, MatchEnv } from './match.ts';
import { PacketEnv } from './match-env.ts';
import { type Manip, manipOf, natDone, setupNat, translate } from './nat.ts';
import { masqueradeAddress, redirectAddress } from './own-address.ts';
import { RuleTrace } from './rule-trace.ts';
import type { Chain, Rule, Table } from './ruleset.ts';
import type { NatRange, RejectWith, TargetOutcome } from './target.ts';

/** The packet's passage through one hook: its marks, its connection and its addresses change; `RuleTrace` is told. */
export class Passage implements EvaluationSink, NftHost {
  skb: Skb;
  readonly #run: Run;
  readonly #netns: Netns;
  readonly #hook: Hook;
  readonly #place: HookPlace;
  #table: TableName = 'filter';
  #env: MatchEnv | undefined;
  readonly #trace: RuleTrace;

  constructor(run: Run, netns: Netns, hook: Hook, place: HookPlace, skb: Skb) {
    this.#run = run;
    this.#netns = netns;
    this.#hook = hook;
    this.#place = place;
    this.skb = skb;
    this.#trace = new RuleTrace(run, netns, hook, place);
  }

  dropped(): HookResult {
    return { kind: 'drop', skb: this.skb, step: this.#trace.lastStep() };
  }

  rejected(how: RejectWith): HookResult {
    const step = this.#trace.lastStep();
    return step === undefined ? this.dropped() : { kind: 'reject', skb: this.skb, with: how, step };
  }

  /** nf_conntrack_in() */
  track(): void {
    const { skb } = this;
    // "Previously seen (loopback or untracked)? Ignore."
    if (skb.connection !== undefined || skb.untracked === true) return;
    if (isNeighbourDiscovery(skb.packet)) {
      this.#change({ ...skb, untracked: true });
      return;
    }
    const loose = this.#netns.sysctls.number('net.netfilter.nf_conntrack_tcp_loose') !== 0;
    const connection = this.#isDamaged() ? undefined : trackPacket(this.#connections(), skb.packet, loose);
    const { proto } = skb.packet.transport;
    // nf_conntrack_in(): what nf_ct_attach() left on a packet stays where nf_conntrack_handle_icmp() knows no connection for
    // the quoted one; for any other packet the place is empty again.
    const stays = proto === 'icmp' || proto === 'icmpv6';
    this.#change({ ...skb, connection, ...(stays ? {} : { attachedNothing: false }) });
  }

  /** udp_error() of nf_conntrack_proto_udp.c: what has a wrong checksum on its way in belongs to no connection. */
  #isDamaged(): boolean {
    if (this.#hook !== 'PREROUTING' || this.skb.packet.checksum !== 'wrong') return false;
    return this.#netns.sysctls.number('net.netfilter.nf_conntrack_checksum') !== 0;
  }

  /** nf_conntrack_confirm(): the first packet's entry becomes visible when the packet leaves or is delivered. */
  confirm(): void {
    const attachment = this.skb.connection;
    if (attachment === undefined || attachment.direction !== 'ORIGINAL' || attachment.info === 'RELATED') return;
    this.#run.memory(this.#netns.id).connections.confirm(attachment.connection);
  }

  evaluate(table: Table): TableVerdict {
    this.#table = table.name;
    this.#env = undefined;
    return evaluateTable(table, this.#hook, this);
  }

  /** nf_nat_inet_fn(): the nat chains for the first packet of a connection only, then the binding for every packet. */
  translate(table: Table | undefined, nft: HookChains): boolean {
    const attachment = this.skb.connection;
    if (attachment === undefined) return true;
    const manip = manipOf(this.#hook);
    const { connection, info } = attachment;
    // Related packets go through the chains as new ones do (a reset that REJECT made, say), but ICMP errors never.
    const asks = info === 'NEW' || (info === 'RELATED' && !isIcmpError(this.skb.packet));
    if (asks && !natDone(connection, manip) && (table !== undefined || nft.translates)) {
      if (!this.#askNat(table, nft, () => natDone(connection, manip))) return false;
      // nf_nat_alloc_null_binding(): no rule translated, but the port may have to move out of another flow's way.
      if (!natDone(connection, manip)) this.#setupNat(connection, manip, undefined);
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
      this.#change({ ...this.skb, packet: mangleChecksum(after) });
    }
    return true;
  }

  /** The chains by priority, until one binds the connection; false when one drops the packet. */
  #askNat(table: Table | undefined, nft: HookChains, done: () => boolean): boolean {
    if (nft.nat.length === 0) return table === undefined || this.evaluate(table).kind === 'accept';
    const priority = manipOf(this.#hook) === 'src' ? 100 : -100;
    // Later chains stand in front of iptables' table of the same priority, as in hook-chains.ts.
    const before = nft.nat.filter((placed) => placed.priority <= priority);
    const behind = nft.nat.filter((placed) => placed.priority > priority);
    const asked: readonly (() => TableVerdict)[] = [
      ...before.map((placed) => () => runChain(placed.table, placed.chain, this)),
      ...(table === undefined ? [] : [() => this.evaluate(table)]),
      ...behind.map((placed) => () => runChain(placed.table, placed.chain, this)),
    ];
    for (const ask of asked) {
      if (ask().kind !== 'accept') return false;
      if (done()) return true;
    }
    return true;
  }

  // The questions and news of nftables.

  decide(decision: Decision): number {
    return this.#run.decide(decision);
  }

  enterNft(table: string, chain: string): void {
    this.#trace.enter(this.skb.packet, table, chain);
  }

  missNft(table: string, chain: string, number: number, rule: NftRule, missed: () => string): void {
    this.#trace.examined(1);
    if (this.exhaustive) this.#trace.miss(this.skb.packet, table, chain, number, rule, missed());
  }

  tellNft(news: NftNews): void {
    this.#trace.tell(news, this.skb.mark);
  }

  // The evaluator's questions and news.

  env(): MatchEnv {
    this.#env ??= new PacketEnv(this.#run, this.#netns, this.#hook, this.#table, this.#place, this.skb);
    return this.#env;
  }

  enter({ name }: Chain): void {
    this.#trace.enter(this.skb.packet, this.#table, name);
  }

  get exhaustive(): boolean {
    return this.#trace.exhaustive;
  }

  skip(count: number): void {
    this.#trace.examined(count);
  }

  miss(chain: Chain, number: number, rule: Rule, failed: Match): void {
    this.#trace.examined(1);
    if (this.exhaustive) this.#trace.miss(this.skb.packet, this.#table, chain.name, number, rule, failed.print());
  }

  event(
    event: 'rule' | 'return' | 'policy',
    chain: Chain,
    number: number,
    rule: Rule | undefined,
    outcome: TargetOutcome,
  ): TargetOutcome {
    const before = this.skb;
    const done = this.carryOut(outcome);
    const { name } = chain;
    const origin = rule?.origin;
    const news = { event, table: this.#table, chain: name, number, rule, outcome, done, before, origin };
    this.#trace.tell(news, this.skb.mark);
    return done;
  }

  /** Marks, connection marks, notrack and translations take effect; the walk goes on with what is returned. */
  carryOut(outcome: TargetOutcome): TargetOutcome {
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
        return this.#bindTo('src', masqueradeAddress(this.#netns, this.#place, this.skb.packet), outcome.range);
      case 'redirect':
        return this.#bindTo(
          'dst',
          redirectAddress(this.#netns, this.#hook, this.#place, this.skb.packet),
          outcome.range,
        );
      case 'alter':
        return this.#alter(outcome);
      case 'unknown':
        return this.#run.chance({ kind: 'unknown', what: outcome.what })
          ? { kind: 'drop' }
          : { kind: outcome.otherwise ?? 'continue' };
      default:
        return outcome;
    }
  }

  #alter({ ttl, dscp }: Extract<TargetOutcome, { kind: 'alter' }>): TargetOutcome {
    const { packet } = this.skb;
    if (ttl !== undefined || dscp !== undefined) {
      const altered = { ...packet, ttl: ttl ?? packet.ttl, ...(dscp === undefined ? {} : { dscp }) };
      this.#change({ ...this.skb, packet: altered });
    }
    return { kind: 'continue' };
  }

  #bind(manip: Manip, range: NatRange): TargetOutcome {
    const attachment = this.skb.connection;
    if (attachment === undefined) return { kind: 'accept' };
    this.#setupNat(attachment.connection, manip, range);
    return { kind: 'accept' };
  }

  #setupNat(connection: Connection, manip: Manip, range: NatRange | undefined): void {
    setupNat(this.#connections(), connection, manip, range);
    const { drawnFrom, reply } = connection;
    if (manip === 'src' && drawnFrom !== undefined) this.#run.drawnPorts.set(reply.dport, new DrawnPort(drawnFrom));
  }

  /** To an address of this machine; where there is none to be had the packet is dropped. */
  #bindTo(manip: Manip, address: IpAddr | undefined, range: NatRange): TargetOutcome {
    if (address === undefined) return { kind: 'drop' };
    return this.#bind(manip, { ...range, addresses: { first: address, last: address } });
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
}
