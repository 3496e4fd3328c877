/** All settings of the cluster: the Cluster document, then what manifests say, then the defaults of product.md. */

import { familiesOf } from '../cluster/node-networks.ts';
import type { Note } from '../cluster/note.ts';
import type { BgpSessionFault, ClusterSettings, CniSettings, ProxySettings } from '../cluster/settings.ts';
import { type Family, familyOf, type IpAddr, ip4, ip6, isIp4 } from '../net/address.ts';
import { hostPrefix, overlaps, type Prefix, printPrefix } from '../net/prefix.ts';
import { type Guess, guessNetworks, POD_BITS, SERVICE_BITS, type Seen, type Witness } from './guess-networks.ts';
import type { ManifestFacts } from './manifest-facts.ts';
import { type ClusterDocument, DEFAULT_CALICO } from './nettrace/cluster-document.ts';
import { settleNodes } from './settle-nodes.ts';

export type SettledCluster = { readonly settings: ClusterSettings; readonly notes: readonly Note[] };

/** 10.244.0.0/16 of kubeadm's examples; the others where machines are on that network. IPv6: as kind has them. */
const POD_CIDRS: readonly Prefix[] = [
  { addr: ip4(0x0af40000), bits: 16 },
  { addr: ip4(0xac180000), bits: 16 },
  { addr: ip6(0xfd00_0010_0244n << 80n), bits: 56 },
  { addr: ip6(0xfd00_0011_0244n << 80n), bits: 56 },
];
/** kubeadm's 10.96.0.0/12; 172.20.0.0/16 and 10.100.0.0/16 are those of EKS. */
const SERVICE_CIDRS: readonly Prefix[] = [
  { addr: ip4(0x0a600000), bits: 12 },
  { addr: ip4(0xac140000), bits: 16 },
  { addr: ip4(0x0a640000), bits: 16 },
  { addr: ip6(0xfd00_0010_0096n << 80n), bits: 112 },
  { addr: ip6(0xfd00_0011_0096n << 80n), bits: 112 },
];

export function settleCluster(
  document: ClusterDocument | undefined,
  facts: ManifestFacts,
  bgpFaults: readonly BgpSessionFault[],
  /** Addresses of machines that are no nodes: nothing is given out twice. */
  taken: readonly IpAddr[],
): SettledCluster {
  const notes: Note[] = [];
  const machines = [
    ...taken.map(hostPrefix),
    ...(document?.nodes ?? []).flatMap(({ address, secondAddress }) => [address ?? [], secondAddress ?? []].flat()),
    ...facts.nodes.flatMap(({ addresses }) =>
      addresses.map(({ ip, bits }) => ({ addr: ip, bits: bits ?? (isIp4(ip) ? 24 : 64) })),
    ),
  ];
  const givenServices = document?.serviceCIDRs ?? facts.cluster.serviceCIDRs;
  const guess = guessAll(document, facts, machines, givenServices ?? []);
  const givenPods = document?.podCIDRs ?? facts.cluster.podCIDRs ?? facts.proxy.clusterCIDRs;
  // What is left out has the families of what is given: a cluster is of one or of two throughout.
  const podCIDRs =
    givenPods ?? assume(guess.pods, 'Pod', notes) ?? firstClear(POD_CIDRS, familiesOf(givenServices ?? []), machines);
  const serviceCIDRs =
    givenServices ??
    assume(guess.services(podCIDRs), 'Service', notes) ??
    firstClear(SERVICE_CIDRS, familiesOf(podCIDRs), machines);
  const isCloud = guess.pods?.shared === true && !guess.pods.whole;
  const clusterCIDRs = givenPods ?? (isCloud ? [] : (guess.proxy?.networks ?? podCIDRs));
  if (clusterCIDRs !== podCIDRs && !clusterCIDRs.every((range) => podCIDRs.some((pods) => overlaps(pods, range))))
    notes.push(clusterCidrNote(clusterCIDRs, guess.proxy?.by ?? ''));
  const nodes = settleNodes(document, facts, [...podCIDRs, ...serviceCIDRs], taken, notes);
  const settings: ClusterSettings = {
    name: document?.name ?? 'cluster',
    kubernetesVersion: document?.kubernetesVersion ?? facts.cluster.kubernetesVersion ?? '1.34',
    calicoVersion: document?.calicoVersion ?? '3.31',
    clusterDomain: document?.clusterDomain ?? facts.cluster.clusterDomain ?? 'cluster.local',
    defaultNamespace: document?.defaultNamespace ?? 'default',
    podCIDRs,
    serviceCIDRs,
    nodePortRange: document?.nodePortRange ?? { first: 30000, last: 32767 },
    proxy: settleProxy({ ...facts.proxy, ...document?.proxy }, clusterCIDRs),
    cni: document?.cni ?? guessCni(facts, nodes.length > 0 ? notes : []),
    loadBalancer: document?.loadBalancer ?? { provider: 'none' },
    nodes,
    bgpFaults,
    ...(facts.kubeadm === true ? { kubeadm: true } : {}),
    ...(document === undefined ? {} : { source: document.source }),
  };
  return { settings, notes };
}

type Guesses = {
  readonly pods: Guess | undefined;
  /** clusterCIDR of kube-proxy: kubeadm gives it and the nodes' podCIDRs from one setting, whatever Calico's pools are. */
  readonly proxy: Guess | undefined;
  readonly services: (podCIDRs: readonly Prefix[]) => Guess | undefined;
};

/** What lies in the networks tells them, where nothing names them. ServiceCIDR objects (KEP-1880) do. */
function guessAll(
  document: ClusterDocument | undefined,
  facts: ManifestFacts,
  machines: readonly Prefix[],
  serviceCIDRs: readonly Prefix[],
): Guesses {
  const seen = (ranges: readonly Prefix[]): readonly Seen[] => ranges.map((range) => ({ range, count: 1 }));
  const services: readonly Witness[] = [
    { what: 'ServiceCIDR objects', seen: seen(facts.serviceCIDRs), whole: true, named: true },
    { what: 'the addresses of the Services', seen: facts.serviceNetworks },
  ];
  const pools = { what: 'the IP pools', seen: seen(facts.pools), whole: true };
  const pods = { what: 'the addresses of the Pods', seen: facts.podNetworks };
  const nodes = {
    what: 'the podCIDRs of the nodes',
    seen: seen([
      ...(document?.nodes ?? []).flatMap(({ podCIDR, podCIDRs }) => podCIDRs ?? podCIDR ?? []),
      ...facts.nodes.flatMap(({ podCIDRs }) => podCIDRs),
    ]),
  };
  const usual = firstClear(POD_CIDRS, [4, 6], machines);
  const taken = [...machines, ...serviceCIDRs, ...services.flatMap((each) => each.seen.map(({ range }) => range))];
  const guessPods = (witnesses: readonly Witness[]) => guessNetworks(witnesses, POD_BITS, usual, taken);
  const proxy = guessPods([nodes, pools, pods]);
  const inNodes = pods.seen.filter(({ range }) => proxy?.networks.some((network) => overlaps(network, range)) === true);
  const useNodes = total(inNodes) * 2 >= total(pods.seen);
  return {
    pods: guessPods(useNodes ? [pools, nodes, pods] : [pools, pods, nodes]),
    proxy,
    services: (podCIDRs) => {
      const usualServices = firstClear(SERVICE_CIDRS, [4, 6], machines);
      const found = guessNetworks(services, SERVICE_BITS, usualServices, [...machines, ...podCIDRs]);
      // A guess is never a mistake of the input.
      return found?.shared === true ? undefined : found;
    },
  };
}

function total(seen: readonly Seen[]): number {
  return seen.reduce((sum, { count }) => sum + count, 0);
}

function clusterCidrNote(clusterCIDRs: readonly Prefix[], by: string): Note {
  const networks = clusterCIDRs.map(printPrefix).join(', ');
  return {
    code: 'CLUSTER_CIDR_ASSUMED',
    message: `clusterCIDR of kube-proxy is taken to be ${networks}, as ${by} have it (spec.proxy.clusterCIDR of a Cluster document)`,
  };
}

function assume(found: Guess | undefined, whose: 'Pod' | 'Service', notes: Note[]): readonly Prefix[] | undefined {
  // Pools that hold the machines (Calico's classic 192.168.0.0/16) give out blocks by themselves.
  if (found?.shared === true && found.whole) return undefined;
  if (found?.shared === true) {
    notes.push({
      code: 'NETWORK_SHARED',
      message: `${found.by} share the network of the machines, as a cloud's own plugin has it, which is not modelled: kube-proxy is taken to masquerade nothing for its clusterCIDR`,
    });
    return undefined;
  }
  if (found === undefined || found.usual) return found?.networks;
  const networks = found.networks.map(printPrefix).join(', ');
  const field = `spec.${whose.toLowerCase()}CIDRs of a Cluster document`;
  notes.push({
    code: `${whose.toUpperCase()}_NETWORK_ASSUMED`,
    message: `the input does not name the ${whose} network: ${networks} is assumed, as ${found.by} have it (${field})`,
  });
  return found.networks;
}

/** One of each family, IPv4 where none is asked for. */
function firstClear(
  candidates: readonly Prefix[],
  families: readonly Family[],
  machines: readonly Prefix[],
): readonly Prefix[] {
  return (families.length === 0 ? ([4] as const) : families).flatMap((family) => {
    const own = candidates.filter(({ addr }) => familyOf(addr) === family);
    return own.find((candidate) => !machines.some((machine) => overlaps(candidate, machine))) ?? own.slice(0, 1);
  });
}

function settleProxy(given: Partial<ProxySettings>, clusterCIDRs: readonly Prefix[]): ProxySettings {
  return {
    mode: 'iptables',
    clusterCIDRs,
    detectLocalMode: 'ClusterCIDR',
    masqueradeAll: false,
    localhostNodePorts: true,
    nodePortAddresses: [],
    randomFully: true,
    ipvs: { scheduler: 'rr', strictARP: false },
    ...given,
  };
}

function guessCni(facts: ManifestFacts, notes: Note[]): CniSettings {
  if (facts.plugin === 'flannel' || facts.plugin === 'canal')
    return { plugin: facts.plugin, flannel: { backend: facts.flannelBackend ?? 'vxlan' } };
  if (facts.plugin === undefined) {
    notes.push({
      code: 'CNI_ASSUMED',
      message:
        'the input does not say which CNI plugin runs: Calico without encapsulation is assumed (spec.cni of a Cluster document)',
    });
  }
  return { plugin: 'calico', calico: DEFAULT_CALICO };
}
