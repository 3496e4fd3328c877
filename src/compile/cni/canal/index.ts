/** Canal: flannel carries packets between the nodes, Calico's plugin wires the Pods and Felix enforces policies. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { CalicoSettings } from '../../../cluster/settings.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type IpAddr, isIp4 } from '../../../net/address.ts';
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
    const { node, pod, notes } = compileCalico({ cluster: asFelixSees(cluster, between), origins });
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
      notes: [...between.notes, ...notes.filter(({ code }) => code !== 'CALICO_BLOCKS_DERIVED'), ...ipv4Alone(cluster)],
    };
  },
};

/** flannel's device is one of the node's own for Felix. */
function addressesOf({ devices = [] }: Parts): readonly IpAddr[] {
  return devices.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip));
}

/** canal.yaml starts Felix with FELIX_IPV6SUPPORT=false: no route leads to an IPv6 address of a Pod, no chain filters it. */
function ipv4Alone({ settings }: Cluster): readonly Note[] {
  if (settings.podCIDRs.every(({ addr }) => isIp4(addr))) return [];
  const message = 'Canal as its manifest installs it is for IPv4 alone: nodes have no routes to IPv6 addresses of Pods';
  return [{ code: 'CANAL_IPV4_ONLY', message }];
}

/** flanneld appends its jumps, Felix puts its own on top: whichever of the two containers starts first. */
function joined({ iptables: first }: Parts, { iptables: second }: Parts): Pick<Parts, 'iptables'> {
  if (first === undefined || second === undefined) return {};
  return {
    iptables: {
      chains: [...first.chains, ...second.chains],
      groups: [...(first.groups ?? []), ...(second.groups ?? [])],
      hooks: [...first.hooks, ...second.hooks],
    },
  };
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
