/** Everything of one address family. What is the same on every node is made once. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import { SCHEDULER_NAMES, type VirtualServer } from '../../../kernel/ipvs/virtual-server.ts';
import { type Ipset, makeIpset } from '../../../kernel/netfilter/ipset.ts';
import type { IptablesSpec } from '../../../kernel/netns-spec.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr } from '../../../net/address.ts';
import type { OriginTable } from '../../origin.ts';
import { proxyOrigins } from '../iptables/origins.ts';
import { localDetector } from '../local-detector.ts';
import { nodeAddress } from '../node-address.ts';
import { nodePortAddresses } from '../node-port-addresses.ts';
import { nodeTopology } from '../node-topology.ts';
import { ipvsIptables } from './chains.ts';
import { type ServiceEntry, serversOn, serviceEntries } from './entries.ts';
import { setEntries } from './set-entries.ts';
import { SETS, type SetName, setName, setOptions } from './sets.ts';
import { ipvsFeatures } from './version.ts';
import { virtualServers } from './virtual-servers.ts';

type NodeRules = {
  readonly ipvs: Lazy<readonly VirtualServer[]>;
  readonly ipsets: readonly Ipset[];
  readonly iptables: IptablesSpec;
  /** Addresses on kube-ipvs0, in the order of the Services. */
  readonly bound: readonly IpAddr[];
};

export type FamilyRules = {
  /** Whether the cluster has anything of the family. */
  readonly used: () => boolean;
  /** `others`: the addresses that other components put on the node. */
  node(name: string, node: NodeSettings | undefined, others: readonly IpAddr[]): NodeRules;
};

export function familyRules(cluster: Cluster, family: Family, table: OriginTable): FamilyRules {
  const { settings } = cluster;
  const origins = proxyOrigins(cluster, table);
  const features = ipvsFeatures(settings.kubernetesVersion);
  const entries = lazy(() => serviceEntries(cluster, family, origins));
  const scheduler = SCHEDULER_NAMES.find((name) => name === settings.proxy.ipvs.scheduler) ?? 'rr';
  const names = SET_NAMES.filter((name) => name !== 'KUBE-IPVS-IPS' || features.guardsAddresses);

  return {
    used: lazy(
      () =>
        [...settings.podCIDRs, ...settings.serviceCIDRs].some(({ addr }) => familyOf(addr) === family) ||
        entries().length > 0,
    ),
    node(name, node, others) {
      const own = nodeAddress(node, family);
      const local = [...(own === undefined ? [] : [own]), ...others.filter((ip) => familyOf(ip) === family)];
      const bound = boundAddresses(entries(), new Set(local));
      const { accept } = nodePortAddresses(settings.proxy, node, family);
      const nodeAddresses = accept === 'all' ? local : local.filter((ip) => accept.includes(ip));
      const topology = nodeTopology(cluster, name);
      const sets = setEntries({ entries: entries(), node: name, nodeIp: own, nodeAddresses, bound });
      return {
        bound,
        ipvs: lazy(() =>
          virtualServers({
            entries: entries(),
            serversOf: (entry) => (entry.differs ? serversOn(entry, topology, origins) : entry.anywhere()),
            nodeAddresses,
            scheduler,
            origins,
          }),
        ),
        ipsets: names.map((set) =>
          makeIpset({
            name: setName(set, family),
            type: SETS[set].type,
            family,
            options: setOptions(set),
            entries: sets.of.get(set) ?? [],
          }),
        ),
        iptables: ipvsIptables({
          family,
          sets,
          detector: localDetector(cluster, node, family),
          masqueradeAll: settings.proxy.masqueradeAll,
          randomFully: settings.proxy.randomFully,
          features,
          origins,
        }),
      };
    },
  };
}

const SET_NAMES: readonly SetName[] = Object.keys(SETS).filter((name): name is SetName => name in SETS);

/** An address that another interface holds is not bound again. */
function boundAddresses(entries: readonly ServiceEntry[], local: ReadonlySet<IpAddr>): readonly IpAddr[] {
  const bound = new Set<IpAddr>();
  for (const { port } of entries) {
    bound.add(port.clusterIp);
    for (const ip of [...port.externalIps, ...port.loadBalancerIps]) if (!local.has(ip)) bound.add(ip);
  }
  return [...bound];
}
