/**
 * What all policy APIs together say about one connection of one address to another, one packet at a time and without a
 * thought for speed. It shares no code with src/policy or src/compile: of NetworkPolicies network-policy.ts tells the truth,
 * of the other APIs this file, after the texts of network-policy-api and of Calico's reference.
 */
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { LabelSelector, Labels, Pod } from '../../src/cluster/objects.ts';
import type { AdminPolicy, AdminPolicyPeer, AdminPolicyPort } from '../../src/cluster/policy/admin-policy.ts';
import type {
  CalicoEntityRule,
  CalicoIcmp,
  CalicoPolicy,
  CalicoPort,
  CalicoProtocol,
  CalicoRule,
} from '../../src/cluster/policy/calico-policy.ts';
import type { Selector } from '../../src/cluster/policy/selector.ts';
import { familyOf, type IpAddr } from '../../src/net/address.ts';
import { contains } from '../../src/net/prefix.ts';
import { isolates, npAllows } from './network-policy.ts';

export type Packet = {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  /** Of ICMP the type; its code is 0. */
  readonly port: number;
};

/** One address, and the Pod that has it. */
export type OracleEnd = { readonly ip: IpAddr; readonly pod: Pod | undefined };

type Direction = 'ingress' | 'egress';
type Verdict = 'allow' | 'deny' | 'pass' | undefined;

const CLIENT_PORT = 40000;

export function allowedBy(cluster: Cluster, from: OracleEnd, to: OracleEnd, packet: Packet): boolean {
  if (from.pod !== undefined && from.pod === to.pod) return true;
  return (
    directionAllows(cluster, 'egress', from, to, from, to, packet) &&
    directionAllows(cluster, 'ingress', to, from, from, to, packet)
  );
}

type Entry = { readonly order: number; readonly name: string; readonly verdict: () => Verdict };
type TierEntries = { readonly order: number; readonly name: string; passes: boolean; readonly policies: Entry[] };

function directionAllows(
  cluster: Cluster,
  direction: Direction,
  own: OracleEnd,
  other: OracleEnd,
  from: OracleEnd,
  to: OracleEnd,
  packet: Packet,
): boolean {
  const { pod } = own;
  if (pod === undefined || pod.hostNetwork) return true;
  const tiers = new Map<string, TierEntries>([
    ['adminnetworkpolicy', { order: 1000, name: 'adminnetworkpolicy', passes: true, policies: [] }],
    ['kube-admin', { order: 1000, name: 'kube-admin', passes: true, policies: [] }],
    ['default', { order: 1e6, name: 'default', passes: false, policies: [] }],
    ['baselineadminnetworkpolicy', { order: 1e7, name: 'baselineadminnetworkpolicy', passes: true, policies: [] }],
    ['kube-baseline', { order: 1e7, name: 'kube-baseline', passes: true, policies: [] }],
  ]);
  for (const { name, order, defaultAction } of cluster.tiers) {
    const known = tiers.get(name);
    if (known !== undefined) known.passes = defaultAction === 'Pass';
    else tiers.set(name, { order: order ?? Number.MAX_VALUE, name, passes: defaultAction === 'Pass', policies: [] });
  }
  for (const policy of cluster.policies) {
    if (!isolates(policy, pod, direction)) continue;
    const verdict = (): Verdict =>
      npAllows(cluster, policy, direction, other.pod ?? other.ip, {
        from: from.pod ?? from.ip,
        to: to.pod ?? to.ip,
        protocol: packet.protocol,
        port: packet.port,
      })
        ? 'allow'
        : undefined;
    tiers
      .get('default')
      ?.policies.push({ order: 1000, name: `${policy.namespace}/knp.default.${policy.name}`, verdict });
  }
  for (const policy of cluster.adminPolicies) {
    if (!adminSelects(cluster, policy, pod) || policy[direction].length === 0) continue;
    const cnp = policy.kind === 'ClusterNetworkPolicy';
    const admin = cnp ? 'kube-admin' : 'adminnetworkpolicy';
    const baseline = cnp ? 'kube-baseline' : 'baselineadminnetworkpolicy';
    tiers.get(policy.tier === 'Admin' ? admin : baseline)?.policies.push({
      ...{ order: policy.priority, name: policy.name },
      verdict: () => adminVerdict(cluster, policy, direction, pod, other, to, packet),
    });
  }
  for (const policy of cluster.calicoPolicies) {
    if (!policy.types.includes(direction === 'ingress' ? 'Ingress' : 'Egress')) continue;
    if (!calicoSelects(cluster, policy, pod)) continue;
    const namespace = policy.kind === 'CalicoNetworkPolicy' ? `${policy.namespace}/` : '';
    tiers.get(policy.tier)?.policies.push({
      ...{ order: policy.order ?? Number.MAX_VALUE, name: `${namespace}${policy.name}` },
      verdict: () => calicoVerdict(cluster, policy, direction, from, to, packet),
    });
  }
  const ordered = [...tiers.values()].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  for (const { policies, passes } of ordered) {
    if (policies.length === 0) continue;
    let verdict: Verdict;
    for (const policy of policies.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))) {
      verdict ??= policy.verdict();
    }
    verdict ??= passes ? 'pass' : 'deny';
    if (verdict !== 'pass') return verdict === 'allow';
  }
  return true;
}

function adminSelects(cluster: Cluster, { subject }: AdminPolicy, pod: Pod): boolean {
  return (
    matches(subject.namespaceSelector, cluster.namespaceLabels(pod.namespace)) &&
    (subject.podSelector === undefined || matches(subject.podSelector, pod.labels))
  );
}

function adminVerdict(
  cluster: Cluster,
  policy: AdminPolicy,
  direction: Direction,
  pod: Pod,
  other: OracleEnd,
  to: OracleEnd,
  packet: Packet,
): Verdict {
  for (const { action, peers, ports } of policy[direction]) {
    // What Calico cannot convert fails closed as a whole.
    const known =
      peers.every(({ kind }) => kind === 'pods' || kind === 'networks') && ports.every(({ kind }) => kind !== 'named');
    if (!known) {
      if (action === 'Accept') continue;
      return 'deny';
    }
    const peerFits = peers.some((peer) => adminPeerFits(cluster, peer, pod, other));
    const portFits = ports.length === 0 || ports.some((port) => adminPortFits(port, to, packet));
    if (peerFits && portFits) return action === 'Accept' ? 'allow' : action === 'Deny' ? 'deny' : 'pass';
  }
  return undefined;
}

function adminPeerFits(cluster: Cluster, peer: AdminPolicyPeer, subject: Pod, { ip, pod }: OracleEnd): boolean {
  if (peer.kind === 'networks') return peer.networks.some((network) => contains(network, ip));
  if (peer.kind !== 'pods') return false;
  const here = cluster.namespaceLabels(subject.namespace);
  const fits = (namespace: string): boolean => {
    const there = cluster.namespaceLabels(namespace);
    if (namespaces.kind === 'selector') return matches(namespaces.selector, there);
    const same = namespaces.keys.every((key) => here[key] !== undefined && here[key] === there[key]);
    return namespaces.kind === 'same-labels' ? same : !same;
  };
  const { namespaces } = peer;
  const inSet =
    peer.podSelector === undefined &&
    cluster.networkSets.some((set) => {
      if (!set.nets.some((net) => contains(net, ip))) return false;
      if (set.kind === 'NetworkSet') return fits(set.namespace);
      // A selector of namespaces that says anything at all is asked of sets without a namespace, too.
      return (
        namespaces.kind === 'selector' &&
        Object.keys(namespaces.selector.matchLabels).length + namespaces.selector.matchExpressions.length > 0 &&
        matches(namespaces.selector, {})
      );
    });
  if (inSet) return true;
  if (pod === undefined || pod.hostNetwork || !fits(pod.namespace)) return false;
  return peer.podSelector === undefined || matches(peer.podSelector, pod.labels);
}

function adminPortFits(port: AdminPolicyPort, to: OracleEnd, packet: Packet): boolean {
  if (port.kind === 'named') {
    return (to.pod?.ports ?? []).some(
      (each) => each.name === port.name && each.protocol === packet.protocol && each.port === packet.port,
    );
  }
  if (port.protocol !== packet.protocol) return false;
  return port.kind === 'protocol' || (port.first <= packet.port && packet.port <= port.last);
}

function calicoSelects(cluster: Cluster, policy: CalicoPolicy, pod: Pod): boolean {
  if (policy.kind === 'CalicoNetworkPolicy' && policy.namespace !== pod.namespace) return false;
  if (!holds(policy.selector.selector, endpointLabels(cluster, pod))) return false;
  const accounts = policy.serviceAccountSelector;
  const account = cluster.serviceAccountLabels(pod.namespace, pod.serviceAccount);
  const accountLabels = { 'projectcalico.org/name': pod.serviceAccount, ...account };
  if (accounts !== undefined && !holds(accounts.selector, accountLabels)) return false;
  if (policy.kind === 'CalicoNetworkPolicy' || policy.namespaceSelector === undefined) return true;
  return holds(policy.namespaceSelector.selector, namespaceLabels(cluster, pod.namespace));
}

function calicoVerdict(
  cluster: Cluster,
  policy: CalicoPolicy,
  direction: Direction,
  from: OracleEnd,
  to: OracleEnd,
  packet: Packet,
): Verdict {
  const namespace = policy.kind === 'CalicoNetworkPolicy' ? policy.namespace : undefined;
  for (const rule of policy[direction]) {
    if (rule.action === 'Log' || !ruleFits(cluster, rule, namespace, from, to, packet)) continue;
    return rule.action === 'Allow' ? 'allow' : rule.action === 'Deny' ? 'deny' : 'pass';
  }
  return undefined;
}

const NUMBERS = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1 } as const;

function ruleFits(
  cluster: Cluster,
  rule: CalicoRule,
  namespace: string | undefined,
  from: OracleEnd,
  to: OracleEnd,
  packet: Packet,
): boolean {
  const number = NUMBERS[packet.protocol];
  const is = ({ number: wanted }: CalicoProtocol): boolean => wanted === number;
  if (rule.ipVersion !== undefined && rule.ipVersion !== familyOf(to.ip)) return false;
  const isOther = ({ addr }: { readonly addr: IpAddr }): boolean => familyOf(addr) !== familyOf(to.ip);
  if ([rule.from.notNets, rule.to.notNets].some((nets) => nets.length > 0 && nets.every(isOther))) return false;
  if (rule.protocol !== undefined && !is(rule.protocol)) return false;
  if (rule.notProtocol !== undefined && is(rule.notProtocol)) return false;
  const icmpIs = ({ type, code }: CalicoIcmp): boolean =>
    packet.protocol === 'ICMP' && type === packet.port && (code === undefined || code === 0);
  if (rule.icmp !== undefined && !icmpIs(rule.icmp)) return false;
  if (rule.notIcmp !== undefined && icmpIs(rule.notIcmp)) return false;
  const hasPorts = packet.protocol !== 'ICMP';
  const onPort = (port: CalicoPort, pod: Pod | undefined, of: number): boolean => {
    if (!hasPorts) return false;
    if (port.kind === 'range') return port.first <= of && of <= port.last;
    return (pod?.ports ?? []).some(
      (each) => each.name === port.name && each.protocol === packet.protocol && each.port === of,
    );
  };
  for (const [side, end, port] of [
    [rule.from, from, CLIENT_PORT],
    [rule.to, to, packet.port],
  ] as const) {
    // A network set may bring an address in, but no names of ports.
    const alone = { ...cluster, networkSets: [] };
    const named = entityFits(alone, side, namespace, end) ? end.pod : undefined;
    if (side.ports.length > 0 && !side.ports.some((each) => onPort(each, named, port))) return false;
    if (side.notPorts.some((each) => onPort(each, end.pod, port))) return false;
    if (!entityFits(cluster, side, namespace, end)) return false;
  }
  const service = rule.to.services;
  return service === undefined || serviceHas(cluster, service.namespace, service.name, to.ip, packet);
}

function entityFits(
  cluster: Cluster,
  side: CalicoEntityRule,
  namespace: string | undefined,
  { ip, pod }: OracleEnd,
): boolean {
  if (side.nets.length > 0 && !side.nets.some((net) => contains(net, ip))) return false;
  if (side.notNets.some((net) => contains(net, ip))) return false;
  const candidates = [
    ...(pod === undefined || pod.hostNetwork
      ? []
      : [
          {
            labels: endpointLabels(cluster, pod),
            namespace: pod.namespace,
            account: pod.serviceAccount,
          },
        ]),
    ...cluster.networkSets
      .filter(({ nets }) => nets.some((net) => contains(net, ip)))
      .map((set) => {
        const own = set.kind === 'NetworkSet' ? set.namespace : undefined;
        return {
          labels: own === undefined ? set.labels : { ...set.labels, 'projectcalico.org/namespace': own },
          namespace: own,
          account: undefined,
        };
      }),
  ];
  const { selector, notSelector, namespaceSelector, serviceAccounts } = side;
  const excluded = (labels: Labels): boolean => notSelector !== undefined && holds(notSelector.selector, labels);
  const selects = selector !== undefined || serviceAccounts !== undefined;
  if (selects || notSelector !== undefined || namespaceSelector !== undefined) {
    const fits = candidates.some((candidate) => {
      if (excluded(candidate.labels)) return false;
      if (selector !== undefined && !holds(selector.selector, candidate.labels)) return false;
      if (namespaceSelector !== undefined) {
        if (!namespaceFits(cluster, namespaceSelector.selector, candidate.namespace)) return false;
      } else if (namespace !== undefined && candidate.namespace !== namespace) return false;
      if (serviceAccounts === undefined) return true;
      if (candidate.account === undefined) return false;
      if (serviceAccounts.names.length > 0 && !serviceAccounts.names.includes(candidate.account)) return false;
      const labels = cluster.serviceAccountLabels(candidate.namespace ?? '', candidate.account);
      return serviceAccounts.selector === undefined || holds(serviceAccounts.selector.selector, labels);
    });
    // A notSelector alone in a global policy says nothing about who may be there, and excludes the address whatever it is;
    // otherwise one and the same endpoint or set must be selected and not excluded.
    const limits = selects || namespaceSelector !== undefined || namespace !== undefined;
    if (limits && !fits) return false;
    if (!limits && candidates.some(({ labels }) => excluded(labels))) return false;
  }
  if (side.services === undefined) return true;
  const { namespace: of, name } = side.services;
  const service = cluster.service(of, name);
  return service !== undefined && cluster.slicesOf(service).some(({ endpoints }) => endpoints.some((e) => e.ip === ip));
}

function serviceHas(cluster: Cluster, namespace: string, name: string, ip: IpAddr, packet: Packet): boolean {
  const service = cluster.service(namespace, name);
  if (service === undefined) return false;
  return cluster
    .slicesOf(service)
    .some(
      ({ endpoints, ports }) =>
        endpoints.some((endpoint) => endpoint.ip === ip) &&
        ports.some(({ protocol, port }) => protocol === packet.protocol && port === packet.port),
    );
}

/** all() means any namespace, global() means none. */
function namespaceFits(cluster: Cluster, selector: Selector, namespace: string | undefined): boolean {
  if (selector.kind === 'all') return namespace !== undefined;
  if (selector.kind === 'global') return namespace === undefined;
  return holds(selector, namespace === undefined ? {} : namespaceLabels(cluster, namespace));
}

function namespaceLabels(cluster: Cluster, namespace: string): Labels {
  return { ...cluster.namespaceLabels(namespace), 'projectcalico.org/name': namespace };
}

function endpointLabels(cluster: Cluster, pod: Pod): Labels {
  const inherited = Object.entries(namespaceLabels(cluster, pod.namespace)).map(([key, value]) => [
    `pcns.${key}`,
    value,
  ]);
  return {
    ...Object.fromEntries(inherited),
    ...pod.labels,
    'projectcalico.org/namespace': pod.namespace,
    'projectcalico.org/orchestrator': 'k8s',
    'projectcalico.org/serviceaccount': pod.serviceAccount,
  };
}

function holds(selector: Selector, labels: Labels): boolean {
  const has = (label: string): boolean => Object.hasOwn(labels, label);
  const value = (label: string): string => (has(label) ? (labels[label] ?? '') : '');
  switch (selector.kind) {
    case 'all':
    case 'global':
      return true;
    case 'has':
      return has(selector.label);
    case 'equal':
      return has(selector.label) && value(selector.label) === selector.value;
    case 'not-equal':
      return !has(selector.label) || value(selector.label) !== selector.value;
    case 'contains':
      return has(selector.label) && value(selector.label).includes(selector.value);
    case 'starts-with':
      return has(selector.label) && value(selector.label).startsWith(selector.value);
    case 'ends-with':
      return has(selector.label) && value(selector.label).endsWith(selector.value);
    case 'in':
      return has(selector.label) && selector.values.includes(value(selector.label));
    case 'not-in':
      return !has(selector.label) || !selector.values.includes(value(selector.label));
    case 'not':
      return !holds(selector.operand, labels);
    case 'and':
      return selector.operands.every((operand) => holds(operand, labels));
    case 'or':
      return selector.operands.some((operand) => holds(operand, labels));
  }
}

function matches(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels)) if (labels[key] !== value) return false;
  return selector.matchExpressions.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    return (value !== undefined) === (operator === 'Exists');
  });
}
