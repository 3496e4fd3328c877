/** Who cannot ask the cluster's DNS. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Protocol, Service } from '../cluster/objects.ts';
import { text } from '../explain/language.ts';
import { groupBy } from '../lib/group-by.ts';
import { hasConnection, isEmpty, only } from '../policy/connection-set.ts';
import { judgeDirection } from '../policy/judge.ts';
import type { Direction, PolicyRule } from '../policy/rule-set.ts';
import type { LintContext } from './context.ts';
import type { PolicyEntry, PolicyFacts } from './policy-facts.ts';
import { type Found, found, listNames, nameOf } from './rule.ts';

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

/** One finding for each policy, or rule of it, that stops Pods; Pods that may reach nothing at all are meant to. */
export function* blockedDns({ cluster, policies }: LintContext, protocol: Protocol): Iterable<Found> {
  const facts = policies();
  const { connectivity } = facts;
  const servers = serversOf(cluster, facts, protocol);
  if (servers.length === 0) return;
  const blocked: { readonly slot: number; readonly stop: Stop }[] = [];
  for (const [slot, { kind }] of connectivity.classes.slots.entries()) {
    const stop = kind === 'pods' && asksClusterDns(facts, slot) ? stopOf(facts, slot, servers, protocol) : undefined;
    if (stop !== undefined) blocked.push({ slot, stop });
  }
  const keyOf = ({ entry, direction, rule }: Stop) =>
    `${facts.entries.indexOf(entry)} ${direction} ${rule?.field ?? ''}`;
  for (const [first, ...others] of groupBy(blocked, ({ stop }) => keyOf(stop)).values()) {
    if (first === undefined) continue;
    const pods = listNames(facts.workloadsOf([first, ...others].map(({ slot }) => slot)));
    yield foundAt(first.stop, { protocol, pods });
  }
}

function foundAt(
  { entry: { policy }, direction, rule }: Stop,
  about: { readonly protocol: string; pods: string },
): Found {
  const index = rule === undefined ? -1 : (policy.rules[direction] ?? []).indexOf(rule);
  const path = ['spec', direction, ...(index < 0 ? [] : [index])];
  const values = { ...about, policy: nameOf(policy), rule: rule?.field ?? '' };
  const { message, hint } = WORDS[direction][rule === undefined ? 'none' : 'rule'];
  return found(policy, path, message, values, { what: 'key', hint });
}

/** A Pod with dnsPolicy Default or None asks somebody else. */
function asksClusterDns(facts: PolicyFacts, slot: number): boolean {
  return facts.podsOf(slot).some(({ dns }) => /^ClusterFirst/.test(dns.policy));
}

/** Where Pods are stopped: by a rule that denies, else because no rule of the policies of a tier admits them. */
type Stop = { readonly entry: PolicyEntry; readonly direction: Direction; readonly rule: PolicyRule | undefined };

/** The policy that closes the way, where no server can be asked. */
function stopOf(facts: PolicyFacts, slot: number, servers: readonly Server[], protocol: Protocol): Stop | undefined {
  const { connectivity } = facts;
  const others = servers.filter((server) => server.slot !== slot);
  const [server] = others;
  const isOpen = (direction: Direction, from: number, to: number, port: number): boolean =>
    hasConnection(connectivity.table.setOf(connectivity.half(direction, from, to)), protocol, port);
  if (server === undefined || others.length < servers.length) return undefined;
  const leaves = others.filter(({ slot: to, port }) => isOpen('egress', slot, to, port));
  if (leaves.some(({ slot: to, port }) => isOpen('ingress', to, slot, port))) return undefined;
  const [reached] = leaves;
  if (reached !== undefined) return denierOf(facts, 'ingress', slot, reached, protocol);
  return facts.extremeOf('egress', slot) === 'nothing' ? undefined : denierOf(facts, 'egress', slot, server, protocol);
}

function denierOf(
  { connectivity, entries }: PolicyFacts,
  direction: Direction,
  slot: number,
  server: Server,
  protocol: Protocol,
): Stop | undefined {
  const meeting = connectivity.endsOf(4, slot, server.slot) ?? connectivity.endsOf(6, slot, server.slot);
  if (meeting === undefined) return undefined;
  const { source, destination } = meeting;
  const ends = direction === 'egress' ? { subject: source, peer: destination } : { subject: destination, peer: source };
  const asked = only(protocol, [{ first: server.port, last: server.port }]);
  const { tiers } = judgeDirection(connectivity.world, direction, ends, asked);
  const closing = tiers.find(({ denied, deniedByDefault }) => !isEmpty(denied) || !isEmpty(deniedByDefault));
  const judged = (closing?.policies ?? []).map(({ policy, rules }) => ({
    policy,
    rule: rules.find(({ rule, decided }) => rule.action === 'deny' && !isEmpty(decided))?.rule,
  }));
  const by = judged.find(({ rule }) => rule !== undefined) ?? judged[0];
  const entry = entries.find(({ policy }) => policy === by?.policy);
  return entry === undefined ? undefined : { entry, direction, rule: by?.rule };
}

const CLIENTS = 'egress to the Pods of kube-dns in kube-system, port 53/{protocol}';
const CLIENTS_ZH = '到 kube-system 中 kube-dns 的 Pod 的 egress，端口 53/{protocol}';
const SERVERS = 'ingress from all Pods to port 53/{protocol}';
const SERVERS_ZH = '所有 Pod 到端口 53/{protocol} 的 ingress';

const WORDS = {
  egress: {
    none: {
      message: text(
        'Pods of {pods} are isolated and may not ask the cluster DNS over {protocol}',
        '{pods} 的 Pod 被隔离，且不能通过 {protocol} 访问集群 DNS',
      ),
      hint: text(
        `allow ${CLIENTS}, in {policy} or another policy that selects them`,
        `在 {policy} 或选中它们的其他策略中放行${CLIENTS_ZH}`,
      ),
    },
    rule: {
      message: text(
        '{rule} denies Pods of {pods} the cluster DNS over {protocol}',
        '{rule} 拒绝 {pods} 的 Pod 通过 {protocol} 访问集群 DNS',
      ),
      hint: text(
        `allow ${CLIENTS}, before {rule} of {policy} is asked`,
        `在轮到 {policy} 的 {rule} 之前，放行${CLIENTS_ZH}`,
      ),
    },
  },
  ingress: {
    none: {
      message: text(
        'the DNS Pods that it selects admit no {protocol} from {pods}',
        '它选中的 DNS Pod 不接收来自 {pods} 的 {protocol}',
      ),
      hint: text(
        `allow ${SERVERS}, in {policy} or another policy that selects the DNS Pods`,
        `在 {policy} 或选中 DNS Pod 的其他策略中放行${SERVERS_ZH}`,
      ),
    },
    rule: {
      message: text(
        '{rule} keeps {protocol} from {pods} away from the DNS Pods',
        '{rule} 拒绝 {pods} 以 {protocol} 访问 DNS Pod',
      ),
      hint: text(
        `allow ${SERVERS}, before {rule} of {policy} is asked`,
        `在轮到 {policy} 的 {rule} 之前，放行${SERVERS_ZH}`,
      ),
    },
  },
} as const;
