/** NetworkPolicies and rules of theirs that others make superfluous. They only allow, so that their order plays no part. */
import type { Cluster } from '../cluster/cluster.ts';
import { groupBy } from '../lib/group-by.ts';
import { DIRECTIONS, type Policy, type PolicyRule } from '../policy/rule-set.ts';
import { coverersOf, requirementsCover, requirementsOf } from './covers.ts';
import { type PolicyEntry, type PolicyFacts, type RuleEntry, rulesOf } from './policy-facts.ts';

export type Redundancy = {
  /** Policies that say the same of the same Pods as an earlier one. */
  readonly same: readonly { readonly policy: Policy; readonly as: Policy }[];
  /** Policies without which nothing would change. */
  readonly policies: readonly { readonly policy: Policy; readonly by: readonly Policy[] }[];
  /** Rules of the other policies. */
  readonly rules: readonly { readonly rule: RuleEntry; readonly by: readonly RuleEntry[] }[];
};

/** More rules than this beside one rule are not compared with it. */
const MOST_RULES = 2000;

export function redundancyOf(cluster: Cluster, facts: PolicyFacts): Redundancy {
  const same: { policy: Policy; as: Policy }[] = [];
  const policies: { policy: Policy; by: readonly Policy[] }[] = [];
  const rules: { rule: RuleEntry; by: readonly RuleEntry[] }[] = [];
  const own = facts.entries.filter(({ policy }) => policy.api === 'NetworkPolicy');
  for (const entries of groupBy(own, ({ policy }) => policy.namespace).values()) {
    const kept = new Set(entries);
    const first = new Map<string, Policy>();
    for (const entry of entries) {
      const key = meaningOf(entry.policy);
      const as = first.get(key);
      if (as === undefined) first.set(key, entry.policy);
      else {
        same.push({ policy: entry.policy, as });
        kept.delete(entry);
      }
    }
    const wider = widerOf([...kept]);
    for (const entry of [...kept].reverse()) {
      const by = replacersOf(
        cluster,
        entry,
        (wider.get(entry) ?? []).filter((other) => kept.has(other)),
      );
      if (by === undefined) continue;
      policies.push({ policy: entry.policy, by });
      kept.delete(entry);
    }
    rules.push(...redundantRules(cluster, kept, wider));
  }
  return { same, policies, rules };
}

/** Equal for policies that do the same, whatever they are called. */
function meaningOf({ subject, rules }: Policy): string {
  const plain = (rule: PolicyRule): string =>
    toText([(rule.peers ?? ['any']).map(toText).sort(), (rule.traffic ?? ['any']).map(toText).sort()]);
  return toText([subject, DIRECTIONS.map((direction) => rules[direction]?.map(plain).sort() ?? 'not for it')]);
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}

/** Of each policy the others of its namespace that select all of its Pods. */
type Wider = ReadonlyMap<PolicyEntry, readonly PolicyEntry[]>;

function widerOf(entries: readonly PolicyEntry[]): Wider {
  const required = entries.map((entry) => {
    const { subject } = entry.policy;
    return { entry, wanted: subject.kind === 'pods' && subject.pods !== undefined ? requirementsOf(subject.pods) : [] };
  });
  return new Map(
    required.map((own) => [
      own.entry,
      required
        .filter((other) => other !== own && requirementsCover(other.wanted, own.wanted))
        .map(({ entry }) => entry),
    ]),
  );
}

/** Others that isolate the same Pods in the same directions and allow all that the policy allows. */
function replacersOf(
  cluster: Cluster,
  entry: PolicyEntry,
  wider: readonly PolicyEntry[],
): readonly Policy[] | undefined {
  if (wider.length === 0) return undefined;
  const by = new Set<Policy>();
  for (const direction of DIRECTIONS) {
    const rules = entry.policy.rules[direction];
    if (rules === undefined) continue;
    const isolating = wider.filter(({ policy }) => policy.rules[direction] !== undefined);
    const [some] = isolating;
    if (some === undefined) return undefined;
    const candidates = isolating.flatMap(({ policy }) => policy.rules[direction] ?? []).slice(0, MOST_RULES);
    const used = rules.map((rule) => coverersOf(cluster, rule, candidates));
    if (used.some((each) => each === undefined)) return undefined;
    const owners = isolating.filter(({ policy }) =>
      used.some((each) => each?.some((rule) => policy.rules[direction]?.includes(rule))),
    );
    for (const { policy } of owners.length > 0 ? owners : [some]) by.add(policy);
  }
  return [...by];
}

function redundantRules(cluster: Cluster, entries: ReadonlySet<PolicyEntry>, wider: Wider): Redundancy['rules'] {
  const dropped = new Set<PolicyRule>();
  const found: { rule: RuleEntry; by: readonly RuleEntry[] }[] = [];
  for (const entry of [...entries].reverse()) {
    const beside = [entry, ...(wider.get(entry) ?? []).filter((other) => entries.has(other))]
      .flatMap(rulesOf)
      .slice(0, MOST_RULES);
    for (const own of [...rulesOf(entry)].reverse()) {
      const candidates = beside.filter(
        ({ rule, direction }) => direction === own.direction && rule !== own.rule && !dropped.has(rule),
      );
      const used = coverersOf(
        cluster,
        own.rule,
        candidates.map(({ rule }) => rule),
      );
      if (used === undefined) continue;
      dropped.add(own.rule);
      found.push({ rule: own, by: candidates.filter(({ rule }) => used.includes(rule)) });
    }
  }
  return found;
}
