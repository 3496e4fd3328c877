/** Who cannot ask the cluster's DNS. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Protocol, Service } from '../cluster/objects.ts';
import { text } from '../explain/language.ts';
import { hasConnection } from '../policy/connection-set.ts';
import type { Direction } from '../policy/rule-set.ts';
import type { LintContext } from './context.ts';
import type { PolicyEntry, PolicyFacts } from './policy-facts.ts';
import { type Found, found, listNames } from './rule.ts';

/** The DNS Service, as kubeadm names it (src/cluster/dns.ts). */
export function dnsServiceOf(cluster: Cluster): Service | undefined {
  return cluster.service('kube-system', 'kube-dns') ?? cluster.service('kube-system', 'coredns');
}

type Server = { readonly slot: number; readonly port: number };

function serversOf(cluster: Cluster, { connectivity }: PolicyFacts, protocol: Protocol): readonly Server[] {
  const service = dnsServiceOf(cluster);
  if (service === undefined) return [];
  const servers = new Map<string, Server>();
  for (const { endpoints, ports } of cluster.slicesOf(service)) {
    for (const { port, protocol: own, name } of ports) {
      const isDns = service.ports.some((each) => each.name === name && each.protocol === own && each.port === 53);
      if (own !== protocol || port === undefined || !isDns) continue;
      for (const { ip } of endpoints) {
        const pod = cluster.podByIp(ip);
        const slot = pod === undefined ? undefined : connectivity.classes.slotOf.get(pod);
        if (slot !== undefined) servers.set(`${slot} ${port}`, { slot, port });
      }
    }
  }
  return [...servers.values()];
}

/** One finding for each policy at which the Pods are stopped; Pods that may reach nothing at all are meant to. */
export function* blockedDns({ cluster, policies }: LintContext, protocol: Protocol): Iterable<Found> {
  const facts = policies();
  const { connectivity } = facts;
  const servers = serversOf(cluster, facts, protocol);
  if (servers.length === 0) return;
  const blocked = new Map<PolicyEntry, number[]>();
  for (const [slot, { kind }] of connectivity.classes.slots.entries()) {
    const stop = kind === 'pods' && asksClusterDns(facts, slot) ? stopOf(facts, slot, servers, protocol) : undefined;
    if (stop === undefined) continue;
    const slots = blocked.get(stop);
    if (slots === undefined) blocked.set(stop, [slot]);
    else slots.push(slot);
  }
  for (const [{ policy, slots: own }, slots] of blocked) {
    const values = { protocol, pods: listNames(facts.workloadsOf(slots)) };
    const isServers = servers.some(({ slot }) => own.includes(slot)) && !slots.every((slot) => own.includes(slot));
    if (isServers) yield found(policy, ['spec', 'ingress'], AT_SERVER, values, { what: 'key', hint: SERVER_HINT });
    else yield found(policy, ['spec', 'egress'], AT_CLIENT, values, { what: 'key', hint: CLIENT_HINT });
  }
}

/** A Pod with dnsPolicy Default or None asks somebody else. */
function asksClusterDns(facts: PolicyFacts, slot: number): boolean {
  return facts.podsOf(slot).some(({ dns }) => /^ClusterFirst/.test(dns.policy));
}

/** The first policy that closes the way, where no server can be asked. */
function stopOf(
  facts: PolicyFacts,
  slot: number,
  servers: readonly Server[],
  protocol: Protocol,
): PolicyEntry | undefined {
  const { connectivity } = facts;
  const others = servers.filter((server) => server.slot !== slot);
  const [server] = others;
  const isOpen = (direction: Direction, from: number, to: number, port: number): boolean =>
    hasConnection(connectivity.table.setOf(connectivity.half(direction, from, to)), protocol, port);
  if (server === undefined || others.length < servers.length) return undefined;
  const leaves = others.filter(({ slot: to, port }) => isOpen('egress', slot, to, port));
  if (leaves.some(({ slot: to, port }) => isOpen('ingress', to, slot, port))) return undefined;
  if (leaves.length > 0) return selecting(facts, leaves[0]?.slot ?? server.slot, 'ingress');
  return facts.extremeOf('egress', slot) === 'nothing' ? undefined : selecting(facts, slot, 'egress');
}

function selecting({ entries }: PolicyFacts, slot: number, direction: Direction): PolicyEntry | undefined {
  return entries.find(({ policy, slots }) => policy.rules[direction] !== undefined && slots.includes(slot));
}

const AT_CLIENT = text(
  'Pods of {pods} are isolated and may not ask the cluster DNS over {protocol}',
  '{pods} 的 Pod 被隔离，且不能通过 {protocol} 访问集群 DNS',
);
const CLIENT_HINT = text(
  'allow egress to the Pods of kube-dns in kube-system, port 53/{protocol}',
  '放行到 kube-system 中 kube-dns 的 Pod 的 egress，端口 53/{protocol}',
);
const AT_SERVER = text(
  'the DNS Pods that it selects admit no {protocol} from {pods}',
  '它选中的 DNS Pod 不接收来自 {pods} 的 {protocol}',
);
const SERVER_HINT = text(
  'allow ingress from all Pods to port 53/{protocol}',
  '放行所有 Pod 到端口 53/{protocol} 的 ingress',
);
