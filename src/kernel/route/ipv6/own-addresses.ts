/** Which addresses a device has in the end: net/ipv6/addrconf.c addrconf_init_auto_addrs(), ipv6_link_dev_addr(). */
import { ip6, isIp6 } from '../../../net/address.ts';
import { linkLocalOf } from '../../../net/link-local.ts';
import type { Device, DeviceAddress } from '../../link/device.ts';
import type { Sysctls } from '../../sysctl.ts';
import { scopeOf } from './scope.ts';

/** The least MTU that IPv6 works with (IPV6_MIN_MTU). */
const LEAST_MTU = 1280;

/**
 * The device with its IPv6 addresses as `ip -6 addr` lists them: those of wider scope first, of one scope the newest
 * first, and the one that the kernel adds itself. Addresses of IPv4 keep their places in front.
 * @param ready there is a signal: addrconf_notify() waits for it before it adds anything.
 */
export function withOwnAddresses(device: Device, sysctls: Sysctls, ready: boolean): Device {
  if (isDisabled(device, sysctls)) {
    return { ...device, addresses: device.addresses.filter(({ ip }) => !isIp6(ip)) };
  }
  const given = device.addresses.filter(({ ip }) => isIp6(ip));
  const own = ownAddress(device, sysctls, ready);
  const six = [...given, ...(own === undefined || given.some(({ ip }) => ip === own.ip) ? [] : [own])];
  const order = (address: DeviceAddress): number => (isIp6(address.ip) ? scopeOf(address.ip) : 0);
  return {
    ...device,
    addresses: [
      ...device.addresses.filter(({ ip }) => !isIp6(ip)),
      ...six.reverse().sort((a, b) => order(b) - order(a)),
    ],
  };
}

/** Setting conf.all.disable_ipv6 sets every device's (addrconf_disable_ipv6()); a device's own setting comes later. */
export function isDisabled(device: Device, sysctls: Sysctls): boolean {
  const own = sysctls.get(`net.ipv6.conf.${device.name.replaceAll('.', '/')}.disable_ipv6`);
  const setting =
    own ?? sysctls.get('net.ipv6.conf.all.disable_ipv6') ?? sysctls.device(device.name, 'disable_ipv6', 'ipv6');
  return Number(setting) !== 0 || device.mtu < LEAST_MTU;
}

/** init_loopback(), addrconf_dev_config(): lo has ::1; whatever looks like Ethernet and is up has one of the link. */
function ownAddress(device: Device, sysctls: Sysctls, ready: boolean): DeviceAddress | undefined {
  if (device.kind === 'loopback') return { ip: ip6(1n), bits: 128, scope: 'host', byKernel: true };
  if (device.kind === 'ipip' || !device.up || !ready) return undefined;
  // IN6_ADDR_GEN_MODE_NONE is 1; the modes with a secret (2, 3) are not modelled and count as EUI-64.
  if (sysctls.device(device.name, 'addr_gen_mode', 'ipv6') === 1) return undefined;
  return { ip: linkLocalOf(device.mac), bits: 64, scope: 'link', byKernel: true };
}
