/** Canal: flannel carries packets between the nodes, Calico's plugin wires the Pods and Felix enforces policies. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { CalicoSettings } from '../../../cluster/settings.ts';
import { defined } from '../../../lib/defined.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type IpAddr, isIp6 } from '../../../net/address.ts';
import type { CniCompiler, Note, Parts } from '../../parts.ts';
import { compileCalico } from '../calico/calico.ts';
import { type Overlay, overlay } from '../flannel/overlay.ts';

/** No BIRD runs (CALICO_NETWORKING_BACKEND=none), and there is no IP pool: addresses are host-local's, of the node's podCIDR. */
const POLICY_ONLY: CalicoSettings = {
  encapsulation: 'none',
  blockSize: 26,
  natOutgoing: false,
  bgp: { asNumber: 64512, nodeToNodeMesh: false },
};

export const canal: CniCompiler = {
  name: 'canal',
  forCluster(cluster, origins) {
    const between = overlay(cluster, origins);
    const { node, pod, notes } = compileCalico({
      cluster: asFelixSees(cluster, between),
      origins,
      ipv6Support: hasIpv6(cluster),
    });
    return {
      node(name, others): Parts {
        const flannel = between.node(name);
        const calico = node(
          name,
          lazy(() => [...addressesOf(flannel), ...(others?.() ?? [])]),
        );
        return {
          ...flannel,
          ...calico,
          devices: [...(flannel.devices ?? []), ...(calico.devices ?? [])],
          routes: [...(flannel.routes ?? []), ...(calico.routes ?? [])],
          neighbours: [...(flannel.neighbours ?? []), ...(calico.neighbours ?? [])],
          fdb: [...(flannel.fdb ?? []), ...(calico.fdb ?? [])],
          ...joined(flannel, calico),
        };
      },
      pod,
      enforcesPolicies: true,
      notes: [...between.notes, ...notes.filter(({ code }) => code !== 'CALICO_BLOCKS_DERIVED'), ...asSetUp(cluster)],
    };
  },
};

/** flannel's device is one of the node's own for Felix. */
function addressesOf({ devices = [] }: Parts): readonly IpAddr[] {
  return devices.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
}

function hasIpv6({ settings }: Cluster): boolean {
  return settings.podCIDRs.some(({ addr }) => isIp6(addr));
}

/**
 * Calico's canal.yaml is for IPv4 alone. A Canal of both families has EnableIPv6 and IPv6Network in flannel's net-conf.json,
 * a subnet usePodCidrIPv6 for host-local, and FELIX_IPV6SUPPORT=true (rke2-charts: packages/rke2-canal).
 */
function asSetUp(cluster: Cluster): readonly Note[] {
  if (!hasIpv6(cluster)) return [];
  const message = 'Canal is taken to be set up for IPv6 as well, as RKE2 does it: its own manifest is for IPv4 alone';
  return [{ code: 'CANAL_IPV6_ASSUMED', message }];
}

/** flanneld appends its jumps, Felix puts its own on top: whichever of the two containers starts first. */
function joined(flannel: Parts, calico: Parts): Pick<Parts, 'iptables' | 'ip6tables'> {
  const [iptables, ip6tables] = (['iptables', 'ip6tables'] as const).map((table) => {
    const [first, second] = [flannel[table], calico[table]];
    if (first === undefined || second === undefined) return first ?? second;
    return {
      chains: [...first.chains, ...second.chains],
      groups: [...(first.groups ?? []), ...(second.groups ?? [])],
      hooks: [...first.hooks, ...second.hooks],
    };
  });
  return { ...defined({ iptables, ip6tables }) };
}

/** The cluster without addresses for Calico to manage, and with the room that flannel's packets leave (veth_mtu). */
function asFelixSees(cluster: Cluster, between: Overlay): Cluster {
  const { settings } = cluster;
  return {
    ...cluster,
    ipPools: [],
    bgpPeers: [],
    settings: {
      ...settings,
      podCIDRs: [],
      cni: { plugin: 'calico', calico: POLICY_ONLY },
      nodes: settings.nodes.map((node) => {
        const { podCIDR: _range, podCIDRs: _ranges, blocks: _blocks, tunnelAddress: _tunnel, ...rest } = node;
        return { ...rest, mtu: between.podMtu(node) };
      }),
    },
  };
}
