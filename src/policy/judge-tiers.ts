/** Tiers asked one after the other about a set of connections: each rule takes from what those before it left. */
import type { Cluster } from '../cluster/cluster.ts';
import { familyOf } from '../net/address.ts';
import { type ConnectionSet, intersect, NO_CONNECTIONS, subtract, unite } from './connection-set.ts';
import { type Ends, matchRule, type RuleMiss } from './match-rule.ts';
import type { Direction, Policy, PolicyRule, PolicyTier } from './rule-set.ts';

export type RuleJudgement = {
  readonly rule: PolicyRule;
  /** Of what was asked for all that it is for. */
  readonly matches: ConnectionSet;
  /** What it decided: empty where it does not fit, or where others decided before. */
  readonly decided: ConnectionSet;
  /** What does not fit; of a rule whose ends fit and whose ports do not, nothing but unresolved names. */
  readonly misses: readonly RuleMiss[];
  readonly endsFit: boolean;
};

export type PolicyJudgement = { readonly policy: Policy; readonly rules: readonly RuleJudgement[] };

export type TierJudgement = {
  readonly tier: PolicyTier;
  /** Those that select the end and are for the direction. */
  readonly policies: readonly PolicyJudgement[];
  readonly allowed: ConnectionSet;
  /** By rules, and by the end of the tier. */
  readonly denied: ConnectionSet;
  readonly deniedByDefault: ConnectionSet;
  /** What goes on to the next tier. */
  readonly passed: ConnectionSet;
  /** What comes to a policy whose chain is not programmed; the others take its rules as they are written. */
  readonly unknown: ConnectionSet;
};

/** Of each tier the policies that `isAsked` names; a tier without any says nothing. */
export function judgeTiers(
  cluster: Cluster,
  all: readonly PolicyTier[],
  isAsked: (policy: Policy) => boolean,
  direction: Direction,
  ends: Ends,
  asked: ConnectionSet,
): readonly TierJudgement[] {
  const judged: TierJudgement[] = [];
  let undecided = asked;
  for (const tier of all) {
    const policies = tier.policies.filter(isAsked);
    if (policies.length === 0) continue;
    const judgement = judgeTier(cluster, { ...tier, policies }, direction, ends, undecided);
    judged.push(judgement);
    undecided = judgement.passed;
  }
  return judged;
}

export function judgeTier(
  cluster: Cluster,
  tier: PolicyTier,
  direction: Direction,
  ends: Ends,
  asked: ConnectionSet,
): TierJudgement {
  let undecided = asked;
  let unknown = NO_CONNECTIONS;
  const decided = { allow: NO_CONNECTIONS, deny: NO_CONNECTIONS, pass: NO_CONNECTIONS };
  const policies = tier.policies.map((policy): PolicyJudgement => {
    if (isRefused(policy, direction, ends)) unknown = unite(unknown, undecided);
    const rules = (policy.rules[direction] ?? []).map((rule): RuleJudgement => {
      const { connections, misses } = matchRule(cluster, rule, direction, ends);
      const hit = intersect(undecided, connections);
      const endsFit = misses.every(({ kind }) => kind === 'unresolved-port');
      if (rule.action !== 'log') {
        decided[rule.action] = unite(decided[rule.action], hit);
        undecided = subtract(undecided, hit);
      }
      return { rule, matches: intersect(asked, connections), decided: hit, misses, endsFit };
    });
    return { policy, rules };
  });
  const passes = tier.defaultAction === 'pass';
  const deniedByDefault = passes ? NO_CONNECTIONS : undecided;
  return {
    tier,
    policies,
    allowed: decided.allow,
    denied: unite(decided.deny, deniedByDefault),
    deniedByDefault,
    passed: passes ? unite(decided.pass, undecided) : decided.pass,
    unknown,
  };
}

/** Whether iptables refuses the policy's chain for the family of the ends. */
function isRefused({ rules }: Policy, direction: Direction, { peer }: Ends): boolean {
  return (rules[direction] ?? []).some(({ refusedIn }) => refusedIn?.includes(familyOf(peer.ip)) === true);
}
