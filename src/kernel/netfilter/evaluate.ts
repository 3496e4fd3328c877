/** The chain evaluator: net/ipv4/netfilter/ip_tables.c ipt_do_table(). There is no other. */
import { skippable } from './dispatch.ts';
import type { Hook, TableName } from './hook.ts';
import type { Match, MatchEnv } from './match.ts';
import type { Chain, Rule, Table } from './ruleset.ts';
import type { TargetOutcome } from './target.ts';

/** What the evaluator tells its caller while it walks. */
export interface EvaluationSink {
  /** The environment of the next match: marks and connection marks change on the way. */
  env(): MatchEnv;
  enter(chain: Chain): void;
  /** Every rule is to be told of, also one that an index rules out. */
  readonly exhaustive: boolean;
  /** So many rules were ruled out by an index; the kernel would have examined them. */
  skip(count: number): void;
  /** A rule was examined and did not match. */
  miss(chain: Chain, number: number, rule: Rule, failed: Match): void;
  /**
   * A rule matched, or a chain ended (`rule` undefined). The sink carries the outcome out, and may turn it into another
   * (a translation ends the walk with accept, or with drop where there is no address to translate to).
   */
  event(
    event: 'rule' | 'return' | 'policy',
    chain: Chain,
    number: number,
    rule: Rule | undefined,
    outcome: TargetOutcome,
  ): TargetOutcome;
}

/** What a table says of a packet; a `reject` drops it and names the answer. */
export type TableVerdict = { readonly kind: 'accept' | 'drop' } | Extract<TargetOutcome, { kind: 'reject' }>;

/** Walks the table from the built-in chain of the hook. */
export function evaluateTable(table: Table, hook: Hook, sink: EvaluationSink): TableVerdict {
  const base = table.chains.get(hook);
  if (base === undefined) return { kind: 'accept' };
  const stack: { readonly chain: Chain; readonly next: number }[] = [];
  let chain = base;
  let index = 0;
  sink.enter(chain);
  for (;;) {
    const rules = chain.rules();
    index = firstHit(chain, rules, index, sink);
    const rule = rules[index];
    const outcome =
      rule === undefined
        ? sink.event(chain === base ? 'policy' : 'return', chain, index + 1, undefined, endOf(chain))
        : sink.event(eventOf(rule, chain), chain, index + 1, rule, rule.target.fire(sink.env()));
    switch (outcome.kind) {
      case 'accept':
      case 'drop':
        return { kind: outcome.kind };
      case 'reject':
        return outcome;
      case 'return':
        // XT_RETURN with an empty stack goes to the underflow entry: the policy of the built-in chain.
        ({ chain, next: index } = stack.pop() ?? { chain: base, next: base.rules().length });
        break;
      case 'jump':
      case 'goto': {
        const target = table.chains.get(outcome.chain);
        if (target === undefined) return { kind: 'accept' };
        if (outcome.kind === 'jump') stack.push({ chain, next: index + 1 });
        chain = target;
        index = 0;
        sink.enter(chain);
        break;
      }
      default:
        index++;
    }
  }
}

/** The place of the first rule from `index` on that matches; behind the last one where none does. */
function firstHit(chain: Chain, rules: readonly Rule[], index: number, sink: EvaluationSink): number {
  for (let at = index; ; at++) {
    if (!sink.exhaustive && at < rules.length) {
      const count = skippable(rules, at, sink.env().packet.dst);
      sink.skip(count);
      at += count;
    }
    const rule = rules[at];
    const failed = rule === undefined ? undefined : firstMiss(rule, sink);
    if (rule === undefined || failed === undefined) return at;
    sink.miss(chain, at + 1, rule, failed);
  }
}

/** The first match that says no, undefined when all say yes. */
function firstMiss(rule: Rule, sink: EvaluationSink): Match | undefined {
  const env = sink.env();
  for (const match of rule.tests ?? rule.matches) if (!match.test(env)) return match;
  return undefined;
}

/** The last entry of every chain: RETURN, or the policy. */
function endOf(chain: Chain): TargetOutcome {
  if (chain.policy === undefined) return { kind: 'return' };
  return { kind: chain.policy === 'ACCEPT' ? 'accept' : 'drop' };
}

/**
 * get_chainname_rulenum() calls every unconditional rule with a standard verdict the end of its chain, wherever it
 * stands: `policy` in a built-in chain, `return` in any other.
 */
function eventOf(rule: Rule, chain: Chain): 'rule' | 'return' | 'policy' {
  // A comment is a condition, too.
  if (rule.target.standard !== true || rule.matches.length > 0) return 'rule';
  return chain.policy === undefined ? 'return' : 'policy';
}

const needs = new WeakMap<object, boolean>();

/**
 * Whether connection tracking runs: it is switched on for a namespace when a rule that needs it is loaded
 * (nf_ct_netns_get()). Without it the nat table is not consulted either.
 */
export function needsConntrack(ruleset: ReadonlyMap<TableName, Table>): boolean {
  const known = needs.get(ruleset);
  if (known !== undefined) return known;
  const found = (['filter', 'nat', 'mangle', 'raw', 'security'] as const).some((name) =>
    [...(ruleset.get(name)?.chains.values() ?? [])].some((chain) =>
      chain
        .rules()
        .some(
          (rule) =>
            rule.target.needsConntrack === true || (rule.tests ?? rule.matches).some((m) => m.needsConntrack === true),
        ),
    ),
  );
  needs.set(ruleset, found);
  return found;
}
