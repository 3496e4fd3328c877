/** A workload's network namespace and the host's end of its veth pair (cni-plugin, felix/dataplane/linux/endpoint_mgr.go). */
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { DeviceSpec, NetnsSpec } from '../../../kernel/netns-spec.ts';
import { type Nexthop, type Route, TABLE_MAIN } from '../../../kernel/route/route.ts';
import { invariant } from '../../../lib/assert.ts';
import { familyOf, ip4, ip6, isIp4, isIp6, parseIp4 } from '../../../net/address.ts';
import { linkLocalOf } from '../../../net/link-local.ts';
import { type Mac, parseMac } from '../../../net/mac.ts';
import { hostPrefix, type Prefix } from '../../../net/prefix.ts';
import { type CalicoContext, podMtu } from './context.ts';
import { routeMetric } from './node-routes.ts';
import { hostEnd, type Workload } from './workload.ts';

/** The IPv4 gateway of every workload. Nobody holds it: the host answers for it by proxy ARP. */
const GATEWAY = constant(parseIp4('169.254.1.1'));
/** All host ends carry one address, so that a workload that moves keeps its neighbour entry. */
const HOST_MAC: Mac = constant(parseMac('ee:ee:ee:ee:ee:ee'));
/** The IPv6 gateway: what the host's end gives itself, and the plugin reads from there. fe80::ecee:eeff:feee:eeee. */
const GATEWAY6 = linkLocalOf(HOST_MAC);

export function workloadNetns(context: CalicoContext, workload: Workload, node: NodeSettings): NetnsSpec {
  const device = workload.containerInterface;
  const origin = context.origins.workload(workload);
  const route = (destination: Prefix, nexthop: Nexthop, scope: 'link' | 'global'): Route => ({
    destination,
    table: TABLE_MAIN,
    metric: routeMetric(destination),
    scope,
    protocol: 'boot',
    type: 'unicast',
    nexthops: [nexthop],
    origin,
  });
  const has6 = workload.ips.some(isIp6);
  // A Pod without any address has the IPv4 routes of old, which lead nowhere.
  const has4 = workload.ips.some(isIp4) || !has6;
  return {
    id: workload.netns,
    devices: [
      {
        name: device,
        kind: 'veth',
        peer: hostEnd(workload),
        mac: workload.mac,
        mtu: podMtu(context.allPools, node),
        addresses: workload.ips.map((ip) => ({ ip, bits: hostPrefix(ip).bits, scope: 'global' })),
        origin,
      },
    ],
    routes: [
      ...(has4
        ? [
            route(hostPrefix(GATEWAY), { device, weight: 1 }, 'link'),
            route({ addr: ip4(0), bits: 0 }, { device, via: GATEWAY, weight: 1 }, 'global'),
          ]
        : []),
      ...(has6 ? [route({ addr: ip6(0n), bits: 0 }, { device, via: GATEWAY6, weight: 1 }, 'global')] : []),
    ],
    sysctls: { ...(has4 ? WORKLOAD_SYSCTLS : {}), ...(has6 ? WORKLOAD_SYSCTLS6 : {}) },
    listeners: workload.listeners,
  };
}

/** Calico does not let a workload forward (cni-plugin: configureContainerSysctls). */
const WORKLOAD_SYSCTLS = { 'net.ipv4.ip_forward': '0' };
/** cni-plugin: DoNetworking() turns IPv6 on in the namespace, and duplicate address detection off on the pair. */
const WORKLOAD_SYSCTLS6 = {
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.default.disable_ipv6': '0',
  'net.ipv6.conf.lo.disable_ipv6': '0',
  'net.ipv6.conf.all.forwarding': '0',
};

/** The host's end: no address but the kernel's own of the link, proxy ARP and proxy NDP. */
export function hostDevice(context: CalicoContext, workload: Workload, node: NodeSettings): DeviceSpec {
  return {
    name: workload.hostInterface,
    kind: 'veth',
    peer: { netns: workload.netns, device: workload.containerInterface },
    mac: HOST_MAC,
    mtu: podMtu(context.allPools, node),
    origin: context.origins.workload(workload),
  };
}

/**
 * endpoint_mgr.go: configureInterface. It writes forwarding too, which a device has from net.ipv4.ip_forward anyway;
 * rp_filter it sets to conf.default's value, which is what a device without a value of its own has.
 */
export function hostDeviceSysctls({ hostInterface, ips }: Workload): Readonly<Record<string, string>> {
  const name = hostInterface.replaceAll('.', '/');
  const version4 = {
    [`net.ipv4.conf.${name}.proxy_arp`]: '1',
    [`net.ipv4.conf.${name}.route_localnet`]: '1',
    [`net.ipv4.neigh.${name}.proxy_delay`]: '0',
  };
  if (!ips.some(isIp6)) return version4;
  return {
    ...(ips.some(isIp4) ? version4 : {}),
    [`net.ipv6.conf.${name}.disable_ipv6`]: '0',
    [`net.ipv6.conf.${name}.accept_dad`]: '0',
    [`net.ipv6.conf.${name}.accept_ra`]: '0',
    [`net.ipv6.conf.${name}.proxy_ndp`]: '1',
    [`net.ipv6.conf.${name}.forwarding`]: '1',
  };
}

/** `IP dev caliX scope link`, one for each address of the family; IPv6 routes have no scope but a metric. */
export function workloadRoutes(context: CalicoContext, workload: Workload): readonly Route[] {
  const { family } = context;
  return workload.ips
    .filter((ip) => familyOf(ip) === family)
    .map((ip) => ({
      destination: hostPrefix(ip),
      table: TABLE_MAIN,
      metric: routeMetric(hostPrefix(ip)),
      scope: family === 4 ? 'link' : 'global',
      protocol: 'boot',
      type: 'unicast',
      nexthops: [{ device: workload.hostInterface, weight: 1 }],
      origin: context.origins.workload(workload),
    }));
}

function constant<T>(value: T | undefined): T {
  invariant(value !== undefined, 'a constant address must parse');
  return value;
}
