/** A workload's network namespace and the host's end of its veth pair (cni-plugin, felix/dataplane/linux/endpoint_mgr.go). */
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { DeviceSpec, NetnsSpec } from '../../../kernel/netns-spec.ts';
import { type Nexthop, type Route, TABLE_MAIN } from '../../../kernel/route/route.ts';
import { invariant } from '../../../lib/assert.ts';
import { type IpAddr, ip4, isIp4, parseIp4 } from '../../../net/address.ts';
import { type Mac, parseMac } from '../../../net/mac.ts';
import { hostPrefix, type Prefix } from '../../../net/prefix.ts';
import { type CalicoContext, podMtu } from './context.ts';
import { hostEnd, type Workload } from './workload.ts';

/** The gateway of every workload. Nobody holds it: the host answers for it by proxy ARP. */
const GATEWAY = constant(parseIp4('169.254.1.1'));
/** All host ends carry one address, so that a workload that moves keeps its neighbour entry. */
const HOST_MAC: Mac = constant(parseMac('ee:ee:ee:ee:ee:ee'));

/** Calico does not let a workload forward; IPv6 addresses of a workload are not wired yet. */
const WORKLOAD_SYSCTLS = { 'net.ipv4.ip_forward': '0' };

export function workloadNetns(context: CalicoContext, workload: Workload, node: NodeSettings): NetnsSpec {
  const device = workload.containerInterface;
  const origin = context.origins.workload(workload);
  const route = (destination: Prefix, nexthop: Nexthop, scope: 'link' | 'global'): Route => ({
    destination,
    table: TABLE_MAIN,
    metric: 0,
    scope,
    protocol: 'boot',
    type: 'unicast',
    nexthops: [nexthop],
    origin,
  });
  return {
    id: workload.netns,
    devices: [
      {
        name: device,
        kind: 'veth',
        peer: hostEnd(workload),
        mac: workload.mac,
        mtu: podMtu(context.pools, node),
        addresses: ip4AddressesOf(workload).map((ip) => ({ ip, bits: 32, scope: 'global' })),
        origin,
      },
    ],
    routes: [
      route(hostPrefix(GATEWAY), { device, weight: 1 }, 'link'),
      route({ addr: ip4(0), bits: 0 }, { device, via: GATEWAY, weight: 1 }, 'global'),
    ],
    sysctls: WORKLOAD_SYSCTLS,
    listeners: workload.listeners,
  };
}

/** The host's end: no address, proxy ARP. */
export function hostDevice(context: CalicoContext, workload: Workload, node: NodeSettings): DeviceSpec {
  return {
    name: workload.hostInterface,
    kind: 'veth',
    peer: { netns: workload.netns, device: workload.containerInterface },
    mac: HOST_MAC,
    mtu: podMtu(context.pools, node),
    origin: context.origins.workload(workload),
  };
}

/**
 * endpoint_mgr.go: configureInterface. It writes forwarding too, which a device has from net.ipv4.ip_forward anyway;
 * rp_filter it sets to conf.default's value, which is what a device without a value of its own has.
 */
export function hostDeviceSysctls({ hostInterface }: Workload): Readonly<Record<string, string>> {
  const name = hostInterface.replaceAll('.', '/');
  return {
    [`net.ipv4.conf.${name}.proxy_arp`]: '1',
    [`net.ipv4.conf.${name}.route_localnet`]: '1',
    [`net.ipv4.neigh.${name}.proxy_delay`]: '0',
  };
}

/** `IP dev caliX scope link`, one for each address. */
export function workloadRoutes(context: CalicoContext, workload: Workload): readonly Route[] {
  return ip4AddressesOf(workload).map((ip) => ({
    destination: hostPrefix(ip),
    table: TABLE_MAIN,
    metric: 0,
    scope: 'link',
    protocol: 'boot',
    type: 'unicast',
    nexthops: [{ device: workload.hostInterface, weight: 1 }],
    origin: context.origins.workload(workload),
  }));
}

function ip4AddressesOf({ ips }: Workload): readonly IpAddr[] {
  return ips.filter(isIp4);
}

function constant<T>(value: T | undefined): T {
  invariant(value !== undefined, 'a constant address must parse');
  return value;
}
