/** The answer to `nettrace connectivity`: rows made while they are printed, with the policies behind them if asked. */

import type { Cluster } from '../../cluster/cluster.ts';
import { type Phrase, phrase, type Text, text } from '../../explain/language.ts';
import { memoize } from '../../lib/lazy.ts';
import { Connectivity } from '../../policy/classes/connectivity.ts';
import { type Exposure, exposureOf } from '../../policy/classes/exposure.ts';
import { type RowGroup, rowGroups } from '../../policy/classes/row-groups.ts';
import { connectivityRows, type Row } from '../../policy/classes/rows.ts';
import type { Workload } from '../../policy/classes/workloads.ts';
import { intersect, isEmpty, NO_CONNECTIONS, printConnections, subtract, unite } from '../../policy/connection-set.ts';
import type { HostJudgement } from '../../policy/hosts/judge-hosts.ts';
import { type DirectionJudgement, type Exemption, judgeConnection, policyWorld } from '../../policy/judge.ts';
import type { TierJudgement } from '../../policy/judge-tiers.ts';
import type { Policy, PolicyRule } from '../../policy/rule-set.ts';
import { sayPolicy } from '../../policy/say-policy.ts';
import { placedPolicy } from './placed-policy.ts';
import type { DecidedBy, HostExemption, HostView, PolicyNote } from './policy-answer.ts';
import { sayPeer } from './say-peer.ts';

export type RowView = {
  readonly src: string;
  readonly dst: string;
  readonly allowed: string;
  /** What every pair of Pods may use, where it is less than what some pair may. */
  readonly always: string | null;
  readonly reasons: RowReasons | null;
};

/** Which policy and rule decided about which share; null: no policy does. */
export type Reason = {
  readonly connections: string;
  readonly by: DecidedBy | null;
  /** Why no policy was asked. */
  readonly exemption?: Exemption | HostExemption;
};
type DirectionReasons = { readonly allowed: readonly Reason[]; readonly denied: readonly Reason[] };
/** What a host endpoint on the way says, as far as policies know the way. */
export type HostReasons = DirectionReasons & Pick<HostView, 'endpoint' | 'node' | 'device' | 'way' | 'direction'>;
export type RowReasons = {
  readonly egress: DirectionReasons;
  readonly ingress: DirectionReasons;
  readonly hosts: readonly HostReasons[];
};

export type GroupView = {
  readonly sources: readonly string[];
  readonly destinations: readonly {
    readonly allowed: string;
    readonly always: string | null;
    readonly names: readonly string[];
  }[];
};

export type ExposureView = {
  readonly unprotected: Exposure['unprotected'];
  readonly potential: readonly {
    readonly workload: string;
    readonly direction: 'ingress' | 'egress';
    readonly peer: Phrase;
    readonly allowed: string;
  }[];
};

export type ConnectivityAnswer = {
  rows(): Iterable<RowView>;
  groups(): readonly GroupView[];
  readonly exposure: ExposureView | null;
  readonly notes: readonly PolicyNote[];
};

export type ConnectivityOptions = {
  readonly explain: boolean;
  readonly exposure: boolean;
  /** `ns/name`, `name`, or the label of a row. */
  readonly focus: readonly string[];
};

export function answerConnectivity(cluster: Cluster, options: ConnectivityOptions): ConnectivityAnswer {
  const connectivity = new Connectivity(policyWorld(cluster));
  const { table, world } = connectivity;
  const print = memoize((number: number) => printConnections(table.setOf(number), table.universe));
  const printAlways = ({ allowed, always }: Pick<Row, 'allowed' | 'always'>): string | null =>
    allowed === always ? null : print(always);
  const { focus } = options;
  const isFocused = (workload: Workload): boolean =>
    focus.length === 0 || focus.some((name) => isCalled(workload, name));
  function* rows(): Generator<RowView> {
    for (const row of connectivityRows(connectivity, isFocused)) {
      const { src, dst, allowed } = row;
      const reasons = options.explain ? reasonsOf(connectivity, row) : null;
      yield { src, dst, allowed: print(allowed), always: printAlways(row), reasons };
    }
  }
  const groups = (): readonly GroupView[] =>
    (focus.length === 0 ? rowGroups(connectivity) : groupRows(connectivityRows(connectivity, isFocused))).map(
      ({ sources, destinations }) => ({
        sources,
        destinations: destinations.map((one) => ({
          allowed: print(one.allowed),
          always: printAlways(one),
          names: one.names,
        })),
      }),
    );
  return {
    rows,
    groups,
    exposure: options.exposure ? viewExposure(connectivity, isFocused) : null,
    notes: notesOf(world.cluster, connectivity),
  };
}

/** Whether the name is the workload's: `web`, `shop/web`, `shop/web[Deployment]`. */
export function isCalled({ label, namespace, name }: Workload, asked: string): boolean {
  return asked === label || asked === name || asked === `${namespace}/${name}`;
}

/** Of a few rows, where the short way by classes does not help. */
function groupRows(rows: Iterable<Row>): readonly RowGroup[] {
  const bySource = new Map<string, Map<string, { allowed: number; always: number; names: string[] }>>();
  for (const { src, dst, allowed, always } of rows) {
    const outcomes = bySource.get(src) ?? new Map<string, { allowed: number; always: number; names: string[] }>();
    bySource.set(src, outcomes);
    const key = `${allowed} ${always}`;
    const known = outcomes.get(key);
    if (known === undefined) outcomes.set(key, { allowed, always, names: [dst] });
    else known.names.push(dst);
  }
  return [...bySource].map(([source, outcomes]) => ({ sources: [source], destinations: [...outcomes.values()] }));
}

function viewExposure(connectivity: Connectivity, focus: (workload: Workload) => boolean): ExposureView {
  const { unprotected, potential } = exposureOf(connectivity, focus);
  const { universe } = connectivity.table;
  return {
    unprotected,
    potential: potential.map(({ workload, direction, allowed, peer }) => ({
      ...{ workload, direction, peer: sayPeer(peer), allowed: printConnections(allowed, universe) },
    })),
  };
}

function reasonsOf(connectivity: Connectivity, { slots: [from, to], onOneNode }: Row): RowReasons {
  const { universe } = connectivity.table;
  const print: Printed = (set) => printConnections(set, universe);
  for (const family of [4, 6] as const) {
    const ends = connectivity.endsOf(family, from, to, onOneNode);
    if (ends === undefined) continue;
    const judged = judgeConnection(connectivity.world, ends.source, ends.destination, universe);
    return {
      egress: viewReasons(judged.egress, print),
      ingress: viewReasons(judged.ingress, print),
      hosts: judged.hosts.map((host) => viewHost(host, print)),
    };
  }
  return { egress: NO_REASONS, ingress: NO_REASONS, hosts: [] };
}

const FAILSAFE: HostExemption = 'failsafe';

function viewHost({ passage, endpoint, failsafe, stages, allowed }: HostJudgement, print: Printed): HostReasons {
  const { node, device, way, direction } = passage;
  const reasons = tierReasons(
    stages.flatMap(({ tiers }) => tiers),
    print,
  );
  const known = stages.flatMap(({ tiers }) => tiers.map((tier) => tier.allowed)).reduce(unite, NO_CONNECTIONS);
  const rest = subtract(allowed, known);
  const open = intersect(rest, failsafe);
  const others = subtract(rest, open);
  return {
    ...{ endpoint: endpoint?.name ?? null, node, device: device ?? null, way, direction },
    allowed: [
      ...reasons.allowed,
      ...(isEmpty(open) ? [] : [{ connections: print(open), by: null, exemption: FAILSAFE }]),
      ...(isEmpty(others) ? [] : [{ connections: print(others), by: null }]),
    ],
    denied: reasons.denied,
  };
}

const NO_REASONS: DirectionReasons = { allowed: [], denied: [] };

type Printed = (set: DirectionJudgement['allowed']) => string;

function viewReasons({ exemption, tiers, allowed }: DirectionJudgement, print: Printed): DirectionReasons {
  if (exemption !== undefined) return { allowed: [{ connections: print(allowed), by: null, exemption }], denied: [] };
  const { allowed: allows, denied } = tierReasons(tiers, print);
  const undecided = tiers.at(-1)?.passed ?? allowed;
  return { allowed: isEmpty(undecided) ? allows : [...allows, { connections: print(undecided), by: null }], denied };
}

function tierReasons(tiers: readonly TierJudgement[], print: Printed): DirectionReasons {
  const reasons: Record<'allowed' | 'denied', Reason[]> = { allowed: [], denied: [] };
  for (const { policies, deniedByDefault } of tiers) {
    for (const { policy, rules } of policies) {
      for (const { rule, decided } of rules) {
        if (isEmpty(decided) || (rule.action !== 'allow' && rule.action !== 'deny')) continue;
        reasons[rule.action === 'allow' ? 'allowed' : 'denied'].push({
          connections: print(decided),
          by: placed(policy, rule),
        });
      }
    }
    const [first] = policies;
    if (first !== undefined && !isEmpty(deniedByDefault))
      reasons.denied.push({ connections: print(deniedByDefault), by: placed(first.policy, undefined) });
  }
  return reasons;
}

function placed(policy: Policy, rule: PolicyRule | undefined): DecidedBy {
  return { ...placedPolicy(policy, rule), rule: rule?.field ?? null };
}

const NOTES = {
  POLICY_NOT_ENFORCED: text(
    'The CNI plugin {plugin} enforces no policies: everything is allowed, whatever they say',
    'CNI 插件 {plugin} 不执行任何策略：无论策略怎么写，全部放行',
  ),
  POLICY_BLOCK_MEANS_PODS: text(
    "Ranges of addresses in policies mean Pods, too (plugin's choice: Calico)",
    '策略中的地址段也包含 Pod（插件决定：Calico）',
  ),
  POLICY_HOST_NETWORK: text(
    "Pods on the host network are selected by no policy, and others see the address of their node (plugin's choice: Calico)",
    '使用主机网络的 Pod 不会被策略选中，其他 Pod 看到的是其节点的地址（插件决定：Calico）',
  ),
  NO_WORKLOADS: text(
    'The input holds no Pods and no workloads that would make some',
    '输入中没有 Pod，也没有会生成 Pod 的工作负载',
  ),
  POLICY_STAGED: text('Staged and not enforced: {count}', '{count} 个暂存策略未执行'),
  POLICY_CHAIN_REFUSED: text(
    '{policy} {rule} has protocol beside notProtocol, which iptables refuses: Felix cannot program its chain, and what the chain does is not known. Here its rules count as they are written',
    '{policy} {rule} 同时使用了 protocol 和 notProtocol，iptables 拒绝该规则：Felix 无法下发该链，其作用未知。此处按策略所写的规则计算',
  ),
  HOST_ENDPOINT_WAY: text(
    'HostEndpoints are asked on the way that Calico routes; what comes from outside is taken to arrive at the node of its Pod, with no Service before it',
    'HostEndpoint 按 Calico 路由的路径判断；来自外部的流量假定直接到达 Pod 所在节点，且不经过 Service',
  ),
} as const satisfies Record<string, Text>;

function notesOf(cluster: Cluster, { world, workloads }: Connectivity): readonly PolicyNote[] {
  const notes: PolicyNote[] = [];
  const note = (code: keyof typeof NOTES, values: Phrase['values'] = {}): void => {
    notes.push({ code, message: phrase(NOTES[code], values) });
  };
  const { enforces, plugin } = world.profile;
  const policies = world.tiers.flatMap((tier) => tier.policies);
  if (workloads.length === 0) note('NO_WORKLOADS');
  if (!enforces && policies.length > 0) note('POLICY_NOT_ENFORCED', { plugin });
  const rules = policies.flatMap((policy) => [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])]);
  const isNets = rules.some(({ peers }) => (peers ?? []).some(({ kind }) => kind === 'nets'));
  if (enforces && isNets) note('POLICY_BLOCK_MEANS_PODS');
  for (const policy of enforces ? policies : [])
    for (const { field, refusedIn } of [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])])
      if (refusedIn !== undefined) note('POLICY_CHAIN_REFUSED', { policy: sayPolicy(policy), rule: field });
  const onHosts = workloads.some(({ pods }) => pods.some(({ hostNetwork }) => hostNetwork));
  // A plugin that enforces nothing has made no such choice.
  if (enforces && onHosts) note('POLICY_HOST_NETWORK');
  if (cluster.stagedPolicies.length > 0) note('POLICY_STAGED', { count: String(cluster.stagedPolicies.length) });
  if (enforces && cluster.hostEndpoints.length > 0) note('HOST_ENDPOINT_WAY');
  return notes;
}
