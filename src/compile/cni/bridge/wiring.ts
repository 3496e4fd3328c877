/** Pods on a Linux bridge of their node: what the bridge plugin does, by itself and on flannel's behalf (plugins/main/bridge). */
import { hash } from 'node:crypto';
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Pod } from '../../../cluster/objects.ts';
import type { DeviceSpec, NetnsSpec } from '../../../kernel/netns-spec.ts';
import { type Route, TABLE_MAIN } from '../../../kernel/route/route.ts';
import { familyOf, type IpAddr, ip4, ip6, offsetIp } from '../../../net/address.ts';
import { deriveMac } from '../../../net/mac.ts';
import { network, type Prefix } from '../../../net/prefix.ts';
import { nodeNetnsId, podNetnsId } from '../../netns-names.ts';
import type { OriginTable } from '../../origin.ts';
import { runningListeners } from '../../pod-listeners.ts';
import { nodeSubnet, podAddress } from '../network.ts';

export type BridgeOptions = {
  /** `cni0` */
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpinMode: boolean;
  /** Routes of Pods beside the default one: flannel adds its whole network. */
  readonly podRoutes: readonly Prefix[];
};

/** The bridge with the gateway's addresses, and the host ends of the Pods' veth pairs as its ports. */
export function bridgeDevices(
  cluster: Cluster,
  node: string,
  options: BridgeOptions,
  origins: OriginTable,
): readonly DeviceSpec[] {
  const { bridge, mtu, hairpinMode } = options;
  const pods = cluster.podsOnNode(node).filter(hasOwnNamespace);
  const addresses = ([4, 6] as const).flatMap((family) => {
    const subnet = nodeSubnet(cluster, node, family);
    return subnet === undefined ? [] : [{ ip: gatewayOf(subnet), bits: subnet.bits, scope: 'global' as const }];
  });
  return [
    // The plugin makes the bridge when the first Pod starts.
    ...(pods.length === 0
      ? []
      : [{ kind: 'bridge' as const, name: bridge, mac: deriveMac(`${node} ${bridge}`), mtu, addresses }]),
    ...pods.map((pod): DeviceSpec => {
      const { namespace, name, source } = pod;
      return {
        kind: 'veth',
        name: hostDevice(pod),
        peer: { netns: podNetnsId(namespace, name), device: 'eth0' },
        mac: deriveMac(`${node} ${hostDevice(pod)}`),
        mtu,
        port: { bridge, hairpin: hairpinMode, isolated: false, state: 'forwarding' },
        origin: origins.mint({
          role: 'plumbing',
          kind: 'Pod',
          namespace,
          name,
          ...(source === undefined ? {} : { source }),
        }),
      };
    }),
  ];
}

/** A Pod's own namespace: eth0 with an address of the node's subnet, everything else by way of the bridge. */
export function bridgePod(cluster: Cluster, pod: Pod, { mtu, podRoutes }: BridgeOptions): NetnsSpec {
  const addresses = ([4, 6] as const).flatMap((family) => podAddress(cluster, pod, family) ?? []);
  const routes = addresses.flatMap(({ addr }): readonly Route[] => {
    const family = familyOf(addr);
    const subnet = nodeSubnet(cluster, pod.node ?? '', family);
    if (subnet === undefined) return [];
    const everything: Prefix = { addr: family === 4 ? ip4(0) : ip6(0n), bits: 0 };
    const others = podRoutes.filter((route) => familyOf(route.addr) === family).map(network);
    return [everything, ...others].map((destination) => routeVia(destination, gatewayOf(subnet), 'eth0'));
  });
  return {
    id: podNetnsId(pod.namespace, pod.name),
    devices: [
      {
        kind: 'veth',
        name: 'eth0',
        peer: pod.node === undefined ? undefined : { netns: nodeNetnsId(pod.node), device: hostDevice(pod) },
        mac: deriveMac(`${pod.namespace}/${pod.name} eth0`),
        mtu,
        addresses: addresses.map(({ addr, bits }) => ({ ip: addr, bits, scope: 'global' })),
      },
    ],
    routes,
    listeners: runningListeners(pod),
  };
}

export function hasOwnNamespace({ hostNetwork, phase, ips }: Pod): boolean {
  return !hostNetwork && phase !== 'Succeeded' && phase !== 'Failed' && ips.length > 0;
}

/** `veth` and 8 hex digits, which are random on a real machine. */
function hostDevice({ namespace, name }: Pod): string {
  return `veth${hash('sha256', `veth ${namespace}/${name}`, 'hex').slice(0, 8)}`;
}

/** host-local reserves the first address of the range. */
function gatewayOf(subnet: Prefix): IpAddr {
  return offsetIp(network(subnet).addr, 1);
}

export function routeVia(destination: Prefix, via: IpAddr, device: string, onlink = false): Route {
  return {
    type: 'unicast',
    destination,
    table: TABLE_MAIN,
    // IP6_RT_PRIO_USER: what the kernel makes of an IPv6 route without a metric.
    metric: familyOf(destination.addr) === 4 ? 0 : 1024,
    scope: 'global',
    protocol: 'boot',
    nexthops: [{ device, via, weight: 1, ...(onlink ? { onlink: true } : {}) }],
  };
}
