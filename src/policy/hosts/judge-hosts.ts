/** What host endpoints say about a connection, at each device that it passes, stage by stage (felix/rules/endpoints.go). */
import type { Cluster } from '../../cluster/cluster.ts';
import { failsafesOf } from '../../cluster/failsafe-ports.ts';
import type { FailsafePort } from '../../cluster/objects.ts';
import type { HostEndpoint } from '../../cluster/policy/calico-policy.ts';
import { familyOf, type IpAddr } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import {
  allOf,
  allOfNumber,
  type ConnectionSet,
  intersect,
  isEmpty,
  type Lane,
  NO_CONNECTIONS,
  only,
  subtract,
  unite,
} from '../connection-set.ts';
import type { End } from '../end.ts';
import type { PolicyWorld } from '../judge.ts';
import { judgeTier, judgeTiers, type TierJudgement } from '../judge-tiers.ts';
import { CLIENT_PORT, type Ends } from '../match-rule.ts';
import { DIRECTIONS, type Direction, type Policy } from '../rule-set.ts';
import { EVERY_DEVICE, type GovernedDevice, HOST_STAGES, type HostStage } from './governed-devices.ts';
import { isDiscovery, type Passage } from './passage.ts';
import { passagesOf } from './passages.ts';

export type StageJudgement = { readonly stage: HostStage | 'profiles'; readonly tiers: readonly TierJudgement[] };

export type HostJudgement = {
  readonly passage: Passage;
  /** undefined: no endpoint, but Felix' word about what Pods send to their own node. */
  readonly endpoint: HostEndpoint | undefined;
  /** What is judged: the connection's packets, or the one that holds them or has to come before. */
  readonly asked: ConnectionSet;
  /** Of what was asked for what goes through a port that no policy can close. */
  readonly failsafe: ConnectionSet;
  readonly stages: readonly StageJudgement[];
  readonly allowed: ConnectionSet;
  /** What comes to a chain that is not programmed. */
  readonly unknown: ConnectionSet;
};

export function judgeHosts(
  world: PolicyWorld,
  source: End,
  destination: End,
  asked: ConnectionSet,
  sourcePort?: number,
): readonly HostJudgement[] {
  const { governed, profile } = world;
  const isGoverned = ({ node }: End): boolean => node !== undefined && governed.has(node);
  const mayBeAsked = isGoverned(source) || isGoverned(destination) || closesNodesToPods(world.cluster);
  if (!profile.enforces || !mayBeAsked) return [];
  return passagesOf(world.cluster, source, destination).flatMap((passage) => {
    const { way, device } = passage;
    if (way === 'own' && device === undefined && closesNodesToPods(world.cluster))
      return [{ passage, endpoint: undefined, asked, ...CLOSED }];
    const found = governing(world, passage);
    const judged = found === undefined ? undefined : judgePassage(world.cluster, passage, found, asked, sourcePort);
    // Of a neighbour that is asked for and answers nothing is told, as of ARP.
    return judged === undefined || (isDiscovery(way) && !isEmpty(judged.allowed)) ? [] : [judged];
  });
}

const CLOSED = { failsafe: NO_CONNECTIONS, stages: [], allowed: NO_CONNECTIONS, unknown: NO_CONNECTIONS } as const;

/** Whether what a connection meets on its way can depend on the node: endpoints that let everything pass do not count. */
export function asksHosts({ governed, cluster, profile }: PolicyWorld): boolean {
  if (!profile.enforces) return false;
  if (closesNodesToPods(cluster)) return true;
  return [...governed.values()].some((devices) => [...devices.values()].some((device) => !isOpen(device)));
}

function isOpen({ tiers, profiles }: GovernedDevice): boolean {
  const first = profiles.policies[0];
  const isAllowing = DIRECTIONS.every((direction) => {
    const rule = first?.rules[direction]?.[0];
    return rule?.action === 'allow' && rule.peers === undefined && rule.own === undefined && rule.traffic === undefined;
  });
  return isAllowing && HOST_STAGES.every((stage) => tiers[stage].length === 0);
}

/** What a Pod's own policies let through to its node, the configuration may drop (DefaultEndpointToHostAction). */
function closesNodesToPods({ felixConfiguration }: Cluster): boolean {
  return felixConfiguration?.defaultEndpointToHostAction === 'Drop';
}

function governing({ governed }: PolicyWorld, passage: Passage): GovernedDevice | undefined {
  const devices = governed.get(passage.node);
  const found = devices?.get(passage.device ?? EVERY_DEVICE) ?? devices?.get(EVERY_DEVICE);
  return found !== undefined && stagesOf(passage, found).length > 0 ? found : undefined;
}

/** Which stages look at the packet: those that have a policy, and `normal` in any case. */
function stagesOf({ device, direction, way }: Passage, { tiers }: GovernedDevice): readonly HostStage[] {
  const stages: HostStage[] = [];
  const has = (stage: HostStage): boolean =>
    tiers[stage].some(({ policies }) => policies.some(({ rules }) => rules[direction] !== undefined));
  const isRaw = direction === 'ingress' ? device !== undefined : way !== 'forwarded';
  if (isRaw && has('untracked')) stages.push('untracked');
  if (direction === 'ingress' && has('pre-dnat')) stages.push('pre-dnat');
  if (way === 'forwarded' && has('forward')) stages.push('forward');
  if ((way === 'own' || isDiscovery(way)) && device !== undefined) stages.push('normal');
  return stages;
}

function judgePassage(
  cluster: Cluster,
  passage: Passage,
  governed: GovernedDevice,
  asked: ConnectionSet,
  sourcePort: number | undefined,
): HostJudgement {
  const { direction, source, destination, way } = passage;
  const outer = way === 'own' || way === 'forwarded' ? undefined : OUTER[way];
  const [subject, peer] = direction === 'ingress' ? [destination, source] : [source, destination];
  const ends: Ends = { subject, peer, ...(sourcePort === undefined || outer !== undefined ? {} : { sourcePort }) };
  const all = outer ?? asked;
  const asking = stagesOf(passage, governed);
  // What a machine hands on no failsafe port keeps open, and it is most of what is asked.
  const isSafe = asking.some((stage) => stage !== 'forward');
  const failsafe = isSafe ? intersect(all, failsafePorts(cluster, direction, peer.ip)) : NO_CONNECTIONS;
  const stages: StageJudgement[] = [];
  let undecided = all;
  let allowed = NO_CONNECTIONS;
  for (const stage of asking) {
    const isAnswering = stage === 'untracked' && outer === undefined;
    const answering = isAnswering ? failsafeAnswers(cluster, direction, peer.ip, sourcePort) : NO_CONNECTIONS;
    const open = stage === 'forward' ? NO_CONNECTIONS : intersect(undecided, unite(failsafe, answering));
    const isAsked = ({ rules }: Policy): boolean => rules[direction] !== undefined;
    const others = subtract(undecided, open);
    const tiers = isEmpty(others) ? [] : judgeTiers(cluster, governed.tiers[stage], isAsked, direction, ends, others);
    if (tiers.length > 0) stages.push({ stage, tiers });
    allowed = tiers.map((tier) => tier.allowed).reduce(unite, allowed);
    const left = tiers.at(-1)?.passed ?? others;
    if (stage === 'normal') {
      const profiles = judgeTier(cluster, governed.profiles, direction, ends, left);
      if (!isEmpty(left)) stages.push({ stage: 'profiles', tiers: [profiles] });
      allowed = [open, profiles.allowed].reduce(unite, allowed);
      undecided = NO_CONNECTIONS;
    } else undecided = unite(open, left);
  }
  allowed = unite(allowed, undecided);
  const unknown = stages.flatMap(({ tiers }) => tiers.map((tier) => tier.unknown)).reduce(unite, NO_CONNECTIONS);
  const ofAsked = (set: ConnectionSet): ConnectionSet =>
    outer === undefined ? set : isEmpty(set) ? NO_CONNECTIONS : asked;
  const said = { allowed: ofAsked(allowed), unknown: ofAsked(unknown) };
  return { passage, endpoint: governed.endpoint, asked: all, failsafe, stages, ...said };
}

const IPIP = 4;
const VXLAN_PORT = 4789;
/** Packets without which none of the connection's gets through. */
const OUTER = {
  ipip: allOfNumber(IPIP),
  vxlan: only('UDP', [{ first: VXLAN_PORT, last: VXLAN_PORT }]),
  solicitation: discoveryOf(135),
  advertisement: discoveryOf(136),
};

function discoveryOf(type: number): ConnectionSet {
  return only('ICMPv6', [{ first: type * 256, last: type * 256 }]);
}

const LANES: Readonly<Record<FailsafePort['protocol'], Lane>> = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' };

function failsafePorts(cluster: Cluster, direction: Direction, peer: IpAddr): ConnectionSet {
  return failsafesTowards(cluster, direction, peer)
    .map(({ protocol, port }) => only(LANES[protocol], [{ first: port, last: port }]))
    .reduce(unite, NO_CONNECTIONS);
}

/**
 * The table raw knows no connections: what comes from a failsafe port of the other direction may be an answer and passes
 * it, to be judged later (felix/rules/static.go: failsafeInChain).
 */
function failsafeAnswers(
  cluster: Cluster,
  direction: Direction,
  peer: IpAddr,
  sourcePort: number = CLIENT_PORT,
): ConnectionSet {
  return failsafesTowards(cluster, direction === 'ingress' ? 'egress' : 'ingress', peer)
    .filter(({ port }) => port === sourcePort)
    .map(({ protocol }) => allOf(LANES[protocol]))
    .reduce(unite, NO_CONNECTIONS);
}

function failsafesTowards(cluster: Cluster, direction: Direction, peer: IpAddr): readonly FailsafePort[] {
  const { inbound, outbound } = failsafesOf(cluster.felixConfiguration);
  return (direction === 'ingress' ? inbound : outbound).filter(
    ({ net }) => net === undefined || (familyOf(net.addr) === familyOf(peer) && contains(net, peer)),
  );
}
