/**
 * What the policies say about the connections between two ends: tier by tier, policy by policy, rule by rule, for each
 * direction by itself. Whoever asks for one connection asks for a set of one.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { type ConnectionSet, intersect, NO_CONNECTIONS, subtract, unite } from './connection-set.ts';
import { type End, isHost } from './end.ts';
import { type GovernedDevices, governedDevices } from './hosts/governed-devices.ts';
import { type HostJudgement, judgeHosts } from './hosts/judge-hosts.ts';
import { judgeTiers, type TierJudgement } from './judge-tiers.ts';
import { missOfSubject } from './match-end.ts';
import type { Ends } from './match-rule.ts';
import { type PolicyProfile, profileOf } from './profile.ts';
import type { Direction, Policy, PolicyTier } from './rule-set.ts';
import { tiersOf } from './tiers.ts';

/** Everything a judgement needs; made once for a cluster. */
export type PolicyWorld = {
  readonly cluster: Cluster;
  readonly profile: PolicyProfile;
  readonly tiers: readonly PolicyTier[];
  /** Devices of nodes that host endpoints govern. */
  readonly governed: GovernedDevices;
};

export function policyWorld(cluster: Cluster): PolicyWorld {
  const profile = profileOf(cluster.settings);
  const tiers = tiersOf(cluster);
  return { cluster, profile, tiers, governed: profile.enforces ? governedDevices(cluster, tiers) : new Map() };
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

export type DirectionJudgement = {
  readonly direction: Direction;
  readonly exemption: Exemption | undefined;
  readonly tiers: readonly TierJudgement[];
  readonly allowed: ConnectionSet;
  /** What is not known, whether among what is allowed or not: it comes to a chain that is not programmed. */
  readonly unknown: ConnectionSet;
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
  const { cluster } = world;
  const isAsked = (policy: Policy): boolean => isFor(cluster, policy, direction, ends.subject);
  const tiers = exemption === 'no-pod' ? [] : judgeTiers(cluster, world.tiers, isAsked, direction, ends, asked);
  const undecided = tiers.at(-1)?.passed ?? asked;
  // What no policy decides the Pod's namespace allows (Calico's profile kns.*; the default of Kubernetes).
  const byPolicies = tiers.map(({ allowed }) => allowed).reduce(unite, undecided);
  if (exemption !== undefined)
    return { direction, exemption, tiers, byPolicies, allowed: asked, unknown: NO_CONNECTIONS };
  const unknown = tiers.map((tier) => tier.unknown).reduce(unite, NO_CONNECTIONS);
  return { direction, exemption, tiers, byPolicies, allowed: byPolicies, unknown };
}

function exemptionOf({ profile }: PolicyWorld, direction: Direction, { subject, peer }: Ends): Exemption | undefined {
  if (subject.pod === undefined) return 'no-pod';
  if (!profile.enforces) return 'not-enforced';
  if (peer.pod === subject.pod) return 'itself';
  return direction === 'ingress' && isHost(peer) && peer.node === subject.node ? 'own-node' : undefined;
}

/** Whether the policy selects the Pod and has this direction. */
export function isFor(cluster: Cluster, { subject, rules, stage }: Policy, direction: Direction, end: End): boolean {
  return stage === 'normal' && rules[direction] !== undefined && missOfSubject(cluster, subject, end) === undefined;
}

export type Judgement = {
  readonly egress: DirectionJudgement;
  readonly ingress: DirectionJudgement;
  /** Every host endpoint on the way, in order. */
  readonly hosts: readonly HostJudgement[];
  readonly allowed: ConnectionSet;
  /** What nobody is known to deny and not everybody to allow. */
  readonly unknown: ConnectionSet;
};

/** What both ends allow, and the machines between them. */
export function judgeConnection(
  world: PolicyWorld,
  source: End,
  destination: End,
  asked: ConnectionSet,
  sourcePort?: number,
): Judgement {
  const port = sourcePort === undefined ? {} : { sourcePort };
  const egress = judgeDirection(world, 'egress', { subject: source, peer: destination, ...port }, asked);
  const ingress = judgeDirection(world, 'ingress', { subject: destination, peer: source, ...port }, asked);
  const hosts = judgeHosts(world, source, destination, asked, sourcePort);
  const all = [egress, ingress, ...hosts];
  const allowed = all.map((one) => one.allowed).reduce(intersect);
  const possible = all.map((one) => unite(one.allowed, one.unknown)).reduce(intersect);
  const certain = all.map((one) => subtract(one.allowed, one.unknown)).reduce(intersect);
  return { egress, ingress, hosts, allowed, unknown: subtract(possible, certain) };
}
