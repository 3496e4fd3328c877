/** What the policies alone say about one connection, tier by tier, in both directions. */
import type { HostEndpoint } from '../../cluster/policy/calico-policy.ts';
import { viewOrigin } from '../../explain/origin-view.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import { printIp } from '../../net/address.ts';
import {
  ALL_CONNECTIONS,
  allOf,
  type ConnectionSet,
  intersect,
  isEmpty,
  only,
  PORT_CONNECTIONS,
  subtract,
} from '../../policy/connection-set.ts';
import type { HostJudgement } from '../../policy/hosts/judge-hosts.ts';
import {
  type DirectionJudgement,
  type Judgement,
  judgeConnection,
  type PolicyWorld,
  policyWorld,
} from '../../policy/judge.ts';
import type { PolicyJudgement, RuleJudgement, TierJudgement } from '../../policy/judge-tiers.ts';
import { type Ends, trafficBetween } from '../../policy/match-rule.ts';
import type { Policy } from '../../policy/rule-set.ts';
import type { Loaded } from '../../topology/load.ts';
import type { ProbeProtocol, Query } from '../query.ts';
import { placedPolicy } from './placed-policy.ts';
import type {
  DecidedBy,
  Decision,
  DirectionView,
  HostView,
  PolicyAnswer,
  PolicyVerdict,
  PolicyView,
  RuleView,
  TierView,
} from './policy-answer.ts';
import { findEnd, meet, type NamedEnd } from './policy-ends.ts';
import { notesOf } from './policy-notes.ts';
import { sayPortMiss, sayRuleMiss } from './say-rule.ts';

const WORLDS = new WeakMap<Loaded, PolicyWorld>();

/** Made once for a topology, for all questions about it. */
function worldOf(loaded: Loaded): PolicyWorld {
  const kept = WORLDS.get(loaded) ?? policyWorld(loaded.cluster);
  WORLDS.set(loaded, kept);
  return kept;
}

export function answerPolicy(loaded: Loaded, query: Query): Result<PolicyAnswer> {
  const namespace = query.namespace ?? loaded.cluster.settings.defaultNamespace;
  const source = findEnd(query.source, loaded, namespace);
  if (!source.ok) return source;
  const destination = findEnd(query.destination, loaded, source.value.pod?.namespace ?? namespace);
  if (!destination.ok) return destination;
  const [from, to] = [source.value, destination.value];
  const met = meet(loaded, from, to, query.family);
  if (met === undefined) {
    return fail(issue('no-address', `${from.name} and ${to.name} have no addresses of one family`));
  }
  const world = worldOf(loaded);
  const protocol = query.protocol ?? 'tcp';
  const asked = askedFor(protocol, to.port, isIp6(met.destination.ip));
  const judged = judgeConnection(world, met.source, met.destination, asked, query.sourcePort);
  const view = (direction: DirectionJudgement, ends: Ends, of: NamedEnd): DirectionView =>
    viewDirection(direction, ends, of, asked);
  const hosts = judged.hosts.map((host) => viewHost(host, asked));
  const own = (direction: 'ingress' | 'egress'): HostView | undefined =>
    hosts.find((host) => host.way === 'own' && host.direction === direction);
  const egress = own('egress') ?? view(judged.egress, { subject: met.source, peer: met.destination }, from);
  const ingress = own('ingress') ?? view(judged.ingress, { subject: met.destination, peer: met.source }, to);
  return ok({
    source: { name: from.name, address: printIp(met.source.ip) },
    destination: { name: to.name, address: printIp(met.destination.ip) },
    ...{ protocol, port: to.port ?? null },
    verdict: verdictOf(judged, asked),
    ...{ egress, ingress, hosts: hosts.filter((host) => host !== egress && host !== ingress) },
    notes: notesOf({ world, from, to, met, judged, asked }),
  });
}

function isIp6(ip: Ends['peer']['ip']): boolean {
  return typeof ip === 'bigint';
}

/** One connection; without a port every port of the protocol. A ping is an echo request. */
function askedFor(protocol: ProbeProtocol, port: number | undefined, six: boolean): ConnectionSet {
  if (protocol === 'icmp') {
    const echo = (six ? 128 : 8) * 256;
    return only(six ? 'ICMPv6' : 'ICMP', [{ first: echo, last: echo }]);
  }
  const lane = protocol === 'tcp' ? 'TCP' : protocol === 'udp' ? 'UDP' : 'SCTP';
  return port === undefined ? allOf(lane) : only(lane, [{ first: port, last: port }]);
}

/** Where some of what was asked for is allowed and some is not, the question says too little; or nobody knows. */
function verdictOf({ allowed, unknown }: Pick<Judgement, 'allowed' | 'unknown'>, asked: ConnectionSet): PolicyVerdict {
  if (isEmpty(allowed) && isEmpty(unknown)) return 'deny';
  return isEmpty(subtract(asked, subtract(allowed, unknown))) ? 'allow' : 'undetermined';
}

function viewDirection(judged: DirectionJudgement, ends: Ends, of: NamedEnd, asked: ConnectionSet): DirectionView {
  const { direction, exemption, tiers } = judged;
  const verdict = verdictOf(judged, asked);
  return {
    ...{ direction, of: of.name, verdict, exemption: exemption ?? null },
    tiers: tiers.map((tier) => viewTier(tier, { ends, direction, asked })),
    decidedBy: exemption === undefined ? decidedBy(tiers, verdict) : null,
  };
}

/** What a host endpoint says, in the order of its stages. */
function viewHost(judged: HostJudgement, asked: ConnectionSet): HostView {
  const { passage, endpoint, failsafe, stages } = judged;
  const { node, device, direction, way, source, destination } = passage;
  const [subject, peer] = direction === 'ingress' ? [destination, source] : [source, destination];
  const verdict = verdictOf(judged, asked);
  const tiers = stages.flatMap((stage) => stage.tiers);
  const isFailsafe = !isEmpty(asked) && isEmpty(subtract(asked, failsafe));
  const exemption = endpoint === undefined ? 'endpoint-to-host' : isFailsafe && way === 'own' ? 'failsafe' : null;
  const closed = verdict === 'deny' && endpoint !== undefined ? placedEndpoint(endpoint) : null;
  return {
    ...{ direction, of: `node/${node}`, verdict, exemption },
    ...{ node, device: device ?? null, way, endpoint: endpoint?.name ?? null },
    tiers: stages.flatMap(({ stage, tiers: own }) =>
      own.map((tier) => ({
        ...viewTier(tier, { ends: { subject, peer }, direction, asked: judged.asked }),
        ...(stage === 'normal' ? {} : { stage }),
      })),
    ),
    decidedBy: exemption === null ? (decidedBy(tiers, verdict) ?? closed) : null,
  };
}

function placedEndpoint({ kind, name, source }: HostEndpoint): DecidedBy {
  const { file, line } = viewOrigin({ role: 'host-endpoint', kind, name, ...(source === undefined ? {} : { source }) });
  return { kind, namespace: null, name, file, line, rule: null };
}

/** The last word: the rule, or where a tier ended without one the first policy that made the end count. */
function decidedBy(tiers: readonly TierJudgement[], verdict: PolicyVerdict): DecidedBy | null {
  if (verdict === 'undetermined') return refusedBy(tiers);
  const wanted = verdict === 'allow' ? 'allow' : 'deny';
  for (const { policies, deniedByDefault } of tiers) {
    for (const { policy, rules } of policies) {
      const rule = rules.find((each) => each.rule.action === wanted && !isEmpty(each.decided));
      if (rule !== undefined) return { ...placedPolicy(policy, rule.rule), rule: rule.rule.field };
    }
    const [first] = policies;
    if (wanted === 'deny' && first !== undefined && !isEmpty(deniedByDefault)) {
      return { ...placedPolicy(first.policy), rule: null };
    }
  }
  return null;
}

/** The rule that keeps what it comes to from being known. */
function refusedBy(tiers: readonly TierJudgement[]): DecidedBy | null {
  for (const { policies, unknown } of tiers) {
    if (isEmpty(unknown)) continue;
    for (const { policy, rules } of policies) {
      const rule = rules.find((each) => each.rule.refusedIn !== undefined)?.rule;
      if (rule !== undefined) return { ...placedPolicy(policy, rule), rule: rule.field };
    }
  }
  return null;
}

/** The whole question: a tier is asked only about what those before it have left. */
type Asked = { readonly ends: Ends; readonly direction: 'ingress' | 'egress'; readonly asked: ConnectionSet };

function viewTier(judged: TierJudgement, question: Asked): TierView {
  const { tier, policies, allowed, denied, deniedByDefault, passed } = judged;
  const kinds = (
    [
      ['allow', allowed],
      ['deny', denied],
      ['pass', passed],
    ] as const
  ).filter(([, set]) => !isEmpty(set));
  const [only] = kinds;
  const byRule = policies.some(({ rules }) =>
    rules.some(({ rule, decided }) => rule.action !== 'log' && !isEmpty(decided)),
  );
  return {
    tier: tier.name,
    decision: kinds.length > 1 ? 'mixed' : (only?.[0] ?? 'no-match'),
    byDefault: !isEmpty(deniedByDefault) || !byRule,
    policies: policies.map((policy) => viewPolicy(policy, question)),
  };
}

function viewPolicy({ policy, rules }: PolicyJudgement, question: Asked): PolicyView {
  const decisions = new Set(
    rules.flatMap(({ rule, decided }): Decision[] =>
      rule.action === 'log' || isEmpty(decided)
        ? []
        : [rule.action === 'allow' ? 'allow' : rule.action === 'deny' ? 'deny' : 'pass'],
    ),
  );
  const [decision = 'no-match', another] = decisions;
  return {
    ...placedPolicy(policy),
    decision: another === undefined ? decision : 'mixed',
    rules: rules.map((rule) => viewRule(policy, rule, question)),
  };
}

function viewRule(policy: Policy, judged: RuleJudgement, { ends, direction, asked }: Asked): RuleView {
  const { rule, decided, misses, endsFit, matches } = judged;
  const destination = direction === 'ingress' ? ends.subject : ends.peer;
  const source = direction === 'ingress' ? ends.peer : ends.subject;
  const wanted = trafficBetween(rule, source, destination, ends.sourcePort);
  const fits = !isEmpty(matches) || (endsFit && misses.length === 0 && !isEmpty(intersect(wanted, asked)));
  const said = fits
    ? []
    : misses.length > 0 || !endsFit
      ? misses.map((miss) => sayRuleMiss(miss, ends.peer, ends.subject))
      : [sayPortMiss(wanted, universeOf(wanted))];
  return {
    rule: rule.field,
    name: rule.name ?? null,
    action: rule.action,
    decided: !isEmpty(decided),
    line: placedPolicy(policy, rule).line,
    misses: said,
    late: fits && isEmpty(decided),
  };
}

function universeOf(wanted: ConnectionSet): ConnectionSet {
  return isEmpty(intersect(wanted, subtract(ALL_CONNECTIONS, PORT_CONNECTIONS))) ? PORT_CONNECTIONS : ALL_CONNECTIONS;
}
