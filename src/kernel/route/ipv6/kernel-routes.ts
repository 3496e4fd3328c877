/** The routes that come with IPv6 addresses: net/ipv6/addrconf.c, net/ipv6/anycast.c. */
import { type Ip6, ip6, isIp6 } from '../../../net/address.ts';
import { hostPrefix, network, type Prefix } from '../../../net/prefix.ts';
import type { Device, DeviceAddress } from '../../link/device.ts';
import type { Sysctls } from '../../sysctl.ts';
import { type Route, TABLE_LOCAL, TABLE_MAIN } from '../route.ts';
import { isDisabled } from './own-addresses.ts';

/** IP6_RT_PRIO_ADDRCONF: the metric of what the kernel adds to the main table. */
const KERNEL_METRIC = 256;

const MULTICAST: Prefix = { addr: ip6(0xffn << 120n), bits: 8 };

/**
 * Of one device, whose addresses are complete. A device that is down has its local entries only.
 * @param ready there is a signal (see withOwnAddresses()).
 */
export function kernelRoutes6(device: Device, sysctls: Sysctls, ready: boolean): readonly Route[] {
  if (isDisabled(device, sysctls)) return [];
  const six = device.addresses.flatMap((address) => (isIp6(address.ip) ? [{ address, ip: address.ip }] : []));
  const forwarding = sysctls.device(device.name, 'forwarding', 'ipv6') !== 0;
  const routes = six.flatMap(({ address, ip }) => routesOf(device, address, ip, forwarding));
  // addrconf_add_mroute()
  const multicast = device.up && ready && device.kind !== 'loopback' && device.kind !== 'ipip';
  return multicast
    ? [...routes, { ...common(MULTICAST, TABLE_LOCAL, KERNEL_METRIC), type: 'multicast', device: device.name }]
    : routes;
}

function routesOf(device: Device, address: DeviceAddress, ip: Ip6, forwarding: boolean): readonly Route[] {
  const routes: Route[] = [{ ...common(hostPrefix(ip), TABLE_LOCAL, 0), type: 'local', device: device.name }];
  // addrconf_join_anycast(): a router takes what is for its subnet's address with all host bits 0 (RFC 4291 section 2.6.1).
  if (forwarding && address.bits < 127 && device.kind !== 'loopback') {
    const subnet = network({ addr: ip, bits: address.bits });
    routes.push({ ...common(hostPrefix(subnet.addr), TABLE_LOCAL, 0), type: 'anycast', device: device.name });
  }
  if (!device.up || address.noPrefixRoute === true || ip === 1n) return routes;
  const prefixes = [ip, ...(address.peer === undefined ? [] : [address.peer])].map((addr) =>
    network({ addr, bits: address.bits }),
  );
  for (const [index, prefix] of prefixes.entries()) {
    if (index > 0 && prefix.addr === prefixes[0]?.addr) continue;
    routes.push({
      ...common(prefix, TABLE_MAIN, KERNEL_METRIC),
      type: 'unicast',
      nexthops: [{ device: device.name, weight: 1 }],
    });
  }
  return routes;
}

function common(destination: Prefix, table: number, metric: number) {
  return { destination, table, metric, scope: 'global', protocol: 'kernel' } as const;
}
