/**
 * A cluster node's own network namespace: its network card and default route, what kubelet and the other daemons
 * bring, and the shares of kube-proxy, the CNI plugin and Docker.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { nodeAddresses, nodeGateways } from '../cluster/node-networks.ts';
import type { NodeSettings } from '../cluster/settings.ts';
import type { DeviceSpec, NetnsSpec } from '../kernel/netns-spec.ts';
import { type Route, TABLE_MAIN } from '../kernel/route/route.ts';
import { lazy } from '../lib/lazy.ts';
import { familyOf, type IpAddr, ip4, ip6 } from '../net/address.ts';
import { portmapParts } from './cni/portmap/portmap.ts';
import { kubeletParts } from './kubelet.ts';
import { layer2Parts } from './metallb/layer2.ts';
import { nodeNetnsId } from './netns-names.ts';
import { nodeListeners } from './node-listeners.ts';
import type { OriginTable } from './origin.ts';
import type { ClusterProxy, CniPlugin, Parts } from './parts.ts';

export type NodeInput = {
  readonly cluster: Cluster;
  readonly node: NodeSettings;
  readonly cni: CniPlugin;
  readonly proxy: ClusterProxy;
  readonly origins: OriginTable;
  /** Docker's share, where the node runs it too. */
  readonly docker?: Parts;
  /** false: no kubelet runs there (Docker hosts with Calico alone). */
  readonly kubernetes?: boolean;
};

/**
 * The node as data. Shares stand in the order in which the programs first write to iptables: Docker at boot, kubelet,
 * kube-proxy, portmap when the first Pod with a hostPort starts. The CNI is last: Felix puts its jumps on top again
 * whenever they are not, and flannel's and the bridge plugin's rules are appended.
 */
export function compileNode({ cluster, node, cni, proxy, origins, docker, kubernetes = true }: NodeInput): NetnsSpec {
  const plugin = cni.node(
    node.name,
    lazy(() => addressesOf([docker ?? {}])),
  );
  const shares: readonly Parts[] = [
    ...(docker === undefined ? [] : [docker]),
    ...(kubernetes ? [kubeletParts(cluster, origins)] : []),
    proxy.node(
      node.name,
      lazy(() => addressesOf([docker ?? {}, plugin])),
    ),
    portmapParts(cluster, node.name, origins),
    plugin,
    layer2Parts(cluster, node),
  ];
  return {
    id: nodeNetnsId(node.name),
    devices: [networkCard(node, origins), ...shares.flatMap(({ devices = [] }) => devices)],
    routes: [...defaultRoute(node), ...shares.flatMap(({ routes = [] }) => routes)],
    rules: shares.flatMap(({ rules = [] }) => rules),
    neighbours: shares.flatMap(({ neighbours = [] }) => neighbours),
    arpResponders: shares.flatMap(({ arpResponders = [] }) => arpResponders),
    fdb: shares.flatMap(({ fdb = [] }) => fdb),
    sysctls: Object.fromEntries(
      [...shares.map(({ sysctls = {} }) => sysctls), node.sysctls].flatMap((part) => Object.entries(part)),
    ),
    iptables: shares.flatMap(({ iptables }) => iptables ?? []),
    ip6tables: shares.flatMap(({ ip6tables }) => ip6tables ?? []),
    ipsets: shares.flatMap(({ ipsets = [] }) => ipsets),
    nftables: shares.flatMap(({ nftables = [] }) => nftables),
    ipvs: lazy(() => shares.flatMap(({ ipvs }) => ipvs?.() ?? [])),
    listeners: [...nodeListeners(cluster, node), ...shares.flatMap(({ listeners = [] }) => listeners)],
  };
}

function addressesOf(shares: readonly Parts[]): readonly IpAddr[] {
  return shares.flatMap(({ devices = [] }) => devices.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)));
}

function networkCard(node: NodeSettings, origins: OriginTable): DeviceSpec {
  const { name, source } = node;
  return {
    kind: 'ethernet',
    name: node.interface,
    segment: node.segment,
    mtu: node.mtu,
    addresses: nodeAddresses(node).map(({ addr, bits }) => ({ ip: addr, bits, scope: 'global' })),
    origin: origins.mint({ role: 'plumbing', kind: 'Node', name, ...(source === undefined ? {} : { source }) }),
  };
}

function defaultRoute(node: NodeSettings): readonly Route[] {
  return nodeGateways(node).map((gateway) => {
    const version4 = familyOf(gateway) === 4;
    return {
      type: 'unicast',
      destination: { addr: version4 ? ip4(0) : ip6(0n), bits: 0 },
      table: TABLE_MAIN,
      // IP6_RT_PRIO_USER: what the kernel makes of an IPv6 route without a metric.
      metric: version4 ? 0 : 1024,
      scope: 'global',
      protocol: 'boot',
      nexthops: [{ device: node.interface, via: gateway, weight: 1 }],
    };
  });
}
