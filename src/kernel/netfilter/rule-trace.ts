/** What is recorded of the rules that a packet meets at one hook: what the kernel's TRACE target prints of them. */
import type { Packet } from '../../net/packet.ts';
import type { Netns } from '../netns.ts';
import type { NftNews } from '../nftables/passage-host.ts';
import type { NftRule } from '../nftables/ruleset.ts';
import type { Run } from '../walk/run.ts';
import type { NetfilterStep } from '../walk/step.ts';
import { ctStateOf } from './conntrack.ts';
import { describeOutcome } from './describe-outcome.ts';
import type { Hook } from './hook.ts';
import type { HookPlace } from './hook-run.ts';
import type { Rule } from './ruleset.ts';

/** What a rule or the end of a chain did, of iptables or of nftables. */
type RuleNews = Omit<NftNews, 'rule'> & Pick<NetfilterStep, 'rule'>;

/** Counts rules and chains, and makes steps of those that somebody wants to know of. */
export class RuleTrace {
  readonly #run: Run;
  readonly #netns: Netns;
  readonly #hook: Hook;
  readonly #place: HookPlace;
  #last: RuleNews | undefined;
  #markAfter = 0;
  /** Choices made before the next news. */
  #choices: number;
  /** Of the last news, once it is needed. */
  #step: NetfilterStep | undefined;

  constructor(run: Run, netns: Netns, hook: Hook, place: HookPlace) {
    this.#run = run;
    this.#netns = netns;
    this.#hook = hook;
    this.#place = place;
    this.#choices = run.choices.length;
  }

  /** Every rule is told of, also one that does not match. */
  get exhaustive(): boolean {
    return this.#run.verbosity >= 2;
  }

  enter(packet: Packet, table: string, chain: string): void {
    this.#run.chainsEntered++;
    if (this.#run.verbosity === 0) return;
    this.#run.emit({ kind: 'chain', netns: this.#netns.id, packet, table, chain });
  }

  examined(rules: number): void {
    this.#run.rulesExamined += rules;
  }

  /** A rule did not match. Ask `exhaustive` first: printing what missed takes time. */
  miss(packet: Packet, table: string, chain: string, number: number, rule: Rule | NftRule, missed: string): void {
    this.#run.emit({ kind: 'miss', netns: this.#netns.id, packet, table, chain, number, rule, missed });
  }

  /**
   * A step is made of it only where somebody wants to know: most of what a rule does is read by nobody.
   *
   * @param markAfter the packet's mark once it was carried out
   */
  tell(news: RuleNews, markAfter: number): void {
    if (news.rule !== undefined) this.examined(1);
    this.#last = news;
    this.#markAfter = markAfter;
    this.#step = undefined;
    const chosen = this.#run.choices.length > this.#choices;
    this.#choices = this.#run.choices.length;
    const { kind } = news.done;
    if (kind !== 'drop' && kind !== 'reject' && !chosen && !this.#run.tells(news.origin)) return;
    const step = this.lastStep();
    if (step !== undefined) this.#run.emit(step);
  }

  /** The rule, or the end of a chain, that decided last. */
  lastStep(): NetfilterStep | undefined {
    if (this.#step === undefined && this.#last !== undefined) this.#step = this.#stepOf(this.#last);
    return this.#step;
  }

  #stepOf({ event, table, chain, number, rule, outcome, done, before, origin }: RuleNews): NetfilterStep {
    return {
      kind: 'netfilter',
      netns: this.#netns.id,
      packet: before.packet,
      hook: this.#hook,
      event,
      table,
      chain,
      number,
      rule,
      action: describeOutcome(outcome, done),
      verdict: done.kind === 'accept' || done.kind === 'drop' || done.kind === 'reject' ? done.kind : 'continue',
      mark: before.mark,
      markAfter: this.#markAfter,
      ctState: ctStateOf(before.connection, before.untracked === true),
      inDevice: this.#place.inDevice,
      outDevice: this.#place.outDevice,
      ...(origin === undefined ? {} : { origin }),
    };
  }
}
