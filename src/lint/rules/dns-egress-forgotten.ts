/** Egress is limited and nothing of it is DNS: the most frequent mistake with egress policies. */
import { text } from '../../explain/language.ts';
import { hasConnection } from '../../policy/connection-set.ts';
import type { PolicyRule, TrafficTerm } from '../../policy/rule-set.ts';
import { dnsServiceOf } from '../dns.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const dnsEgressForgotten: LintRule = {
  id: 'dns-egress-forgotten',
  severity: 'warning',
  title: text('Egress is allowed to some, and DNS is not among it', '放行了部分 egress，却没有放行 DNS'),
  why: text(
    'Pods that may reach a Service by the policy cannot find its address. Asked only where the input has no DNS Service: with one, dns-blocked-udp measures it.',
    '策略允许 Pod 访问某个 Service，但 Pod 无法解析它的地址。仅当输入中没有 DNS Service 时检查；否则由 dns-blocked-udp 实测。',
  ),
  source: 'kubernetes.io, Network Policies (default deny egress); ux.md P1 54',
  *check({ cluster, policies }) {
    if (dnsServiceOf(cluster) !== undefined) return;
    const facts = policies();
    const { classes } = facts.connectivity;
    const egress = facts.entries.filter(({ policy }) => policy.rules.egress !== undefined);
    const ofSlot = new Map<number, (typeof egress)[number][]>();
    for (const entry of egress) {
      for (const slot of entry.slots) ofSlot.set(slot, [...(ofSlot.get(slot) ?? []), entry]);
    }
    const reported = new Map<(typeof egress)[number], number[]>();
    for (const [slot, entries] of ofSlot) {
      const closing = entries.filter(({ tier }) => tier.defaultAction === 'deny');
      const rules = entries
        .flatMap(({ policy }) => policy.rules.egress ?? [])
        .filter(({ action }) => action === 'allow' || action === 'pass');
      const first = closing.find(({ policy }) => (policy.rules.egress ?? []).length > 0);
      if (first === undefined || classes.slots[slot]?.kind !== 'pods' || rules.some(mayBeDns)) continue;
      reported.set(first, [...(reported.get(first) ?? []), slot]);
    }
    for (const [{ policy }, slots] of reported) {
      const pods = listNames(facts.workloadsOf(slots));
      yield found(policy, ['spec', 'egress'], MESSAGE, { pods }, { what: 'key', hint: HINT });
    }
  },
};

function mayBeDns({ traffic }: PolicyRule): boolean {
  return traffic === undefined || traffic.some(isDns);
}

function isDns({ connections, ports, notPorts }: TrafficTerm): boolean {
  if (!hasConnection(connections, 'UDP', 53)) return false;
  const has = (list: TrafficTerm['ports']): boolean =>
    list.some((port) =>
      port.kind === 'named' ? /dns/.test(port.name) : port.range.first <= 53 && port.range.last >= 53,
    );
  return (ports.length === 0 || has(ports)) && !has(notPorts);
}

const MESSAGE = text(
  'limits the egress of {pods}, and no policy allows them DNS (UDP 53)',
  '限制了 {pods} 的 egress，而没有策略为其放行 DNS（UDP 53）',
);
const HINT = text(
  'add a rule to namespace kube-system with ports 53/UDP and 53/TCP',
  '加一条到命名空间 kube-system、端口 53/UDP 和 53/TCP 的规则',
);
