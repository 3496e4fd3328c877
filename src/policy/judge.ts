/**
 * What the policies say about the connections between two ends: tier by tier, policy by policy, rule by rule, for each
 * direction by itself. Whoever asks for one connection asks for a set of one.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { type ConnectionSet, intersect, NO_CONNECTIONS, subtract, unite } from './connection-set.ts';
import { type End, isHost } from './end.ts';
import { missOfSubject } from './match-end.ts';
import { type Ends, matchRule, type RuleMiss } from './match-rule.ts';
import { type PolicyProfile, profileOf } from './profile.ts';
import type { Direction, Policy, PolicyRule, PolicyTier } from './rule-set.ts';
import { tiersOf } from './tiers.ts';

/** Everything a judgement needs; made once for a cluster. */
export type PolicyWorld = {
  readonly cluster: Cluster;
  readonly profile: PolicyProfile;
  readonly tiers: readonly PolicyTier[];
};

export function policyWorld(cluster: Cluster): PolicyWorld {
  return { cluster, profile: profileOf(cluster.settings), tiers: tiersOf(cluster) };
}

/** Why a direction is open without any policy being asked. */
export type Exemption =
  /** No Pod is at this end: nothing can be selected. */
  | 'no-pod'
  /** The plugin enforces no policies. */
  | 'not-enforced'
  /** A Pod's connection to its own address never leaves it. */
  | 'itself'
  /** A node reaches its own Pods, as the kubelet must (felix: no policy in cali-OUTPUT towards workloads). */
  | 'own-node';

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
};

export type DirectionJudgement = {
  readonly direction: Direction;
  readonly exemption: Exemption | undefined;
  readonly tiers: readonly TierJudgement[];
  readonly allowed: ConnectionSet;
  /** What policies alone would allow, where an exemption or the plugin allows more. */
  readonly byPolicies: ConnectionSet;
};

export function judgeDirection(
  world: PolicyWorld,
  direction: Direction,
  ends: Ends,
  asked: ConnectionSet,
): DirectionJudgement {
  const exemption = exemptionOf(world, direction, ends);
  const tiers = exemption === 'no-pod' ? [] : judgeTiers(world, direction, ends, asked);
  const undecided = tiers.at(-1)?.passed ?? asked;
  // What no policy decides the Pod's namespace allows (Calico's profile kns.*; the default of Kubernetes).
  const byPolicies = tiers.map(({ allowed }) => allowed).reduce(unite, undecided);
  return { direction, exemption, tiers, byPolicies, allowed: exemption === undefined ? byPolicies : asked };
}

function exemptionOf({ profile }: PolicyWorld, direction: Direction, { subject, peer }: Ends): Exemption | undefined {
  if (subject.pod === undefined) return 'no-pod';
  if (!profile.enforces) return 'not-enforced';
  if (peer.pod === subject.pod) return 'itself';
  return direction === 'ingress' && isHost(peer) && peer.node === subject.node ? 'own-node' : undefined;
}

function judgeTiers(
  world: PolicyWorld,
  direction: Direction,
  ends: Ends,
  asked: ConnectionSet,
): readonly TierJudgement[] {
  const judged: TierJudgement[] = [];
  let undecided = asked;
  for (const tier of world.tiers) {
    const policies = tier.policies.filter((policy) => isFor(world.cluster, policy, direction, ends.subject));
    if (policies.length === 0) continue;
    const judgement = judgeTier(world.cluster, { ...tier, policies }, direction, ends, undecided);
    judged.push(judgement);
    undecided = judgement.passed;
  }
  return judged;
}

/** Whether the policy selects the end and has this direction. */
export function isFor(cluster: Cluster, { subject, rules }: Policy, direction: Direction, end: End): boolean {
  return rules[direction] !== undefined && missOfSubject(cluster, subject, end) === undefined;
}

function judgeTier(
  cluster: Cluster,
  tier: PolicyTier,
  direction: Direction,
  ends: Ends,
  asked: ConnectionSet,
): TierJudgement {
  let undecided = asked;
  const decided = { allow: NO_CONNECTIONS, deny: NO_CONNECTIONS, pass: NO_CONNECTIONS };
  const policies = tier.policies.map((policy): PolicyJudgement => {
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
  };
}

/** What both ends allow. */
export function judgeConnection(
  world: PolicyWorld,
  source: End,
  destination: End,
  asked: ConnectionSet,
  sourcePort?: number,
): { readonly egress: DirectionJudgement; readonly ingress: DirectionJudgement; readonly allowed: ConnectionSet } {
  const port = sourcePort === undefined ? {} : { sourcePort };
  const egress = judgeDirection(world, 'egress', { subject: source, peer: destination, ...port }, asked);
  const ingress = judgeDirection(world, 'ingress', { subject: destination, peer: source, ...port }, asked);
  return { egress, ingress, allowed: intersect(egress.allowed, ingress.allowed) };
}
