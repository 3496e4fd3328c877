/** Calls of `ip` that configure the devices of one machine, once they exist. */

import type { Device, DeviceAddress } from '../kernel/link/device.ts';
import type { Netns } from '../kernel/netns.ts';
import { isIp4, isIp6, printIp } from '../net/address.ts';
import type { Arguments } from './plan.ts';

const LOOPBACK_MTU = 65536;

/** Ports, sizes, addresses. Every device is up at first: routes can only be made through one that is. */
export function planDevices(netns: Netns): readonly Arguments[] {
  const devices = [...netns.devices.values()];
  return [
    ...devices.flatMap((device) => (device.port === undefined ? [] : [set(device, 'master', device.port.bridge)])),
    // A bridge takes the smallest MTU of its ports until it is told otherwise (br_mtu_auto_adjust()).
    ...devices
      .filter((device) => device.kind === 'bridge' || (device.kind === 'loopback' && device.mtu !== LOOPBACK_MTU))
      .map((device) => set(device, 'mtu', String(device.mtu))),
    ...devices.map((device) => set(device, 'up')),
    ...devices.flatMap(planAddresses),
  ];
}

/** State that others would disturb: flags of bridge ports (a port is set forwarding when its carrier comes), and down devices. */
export function planLate(netns: Netns): readonly Arguments[] {
  const devices = [...netns.devices.values()];
  return [
    ...devices.flatMap((device) =>
      device.port === undefined ? [] : [[...set(device, 'type', 'bridge_slave'), ...portFlags(device.port)]],
    ),
    ...devices.filter((device) => !device.up).map((device) => set(device, 'down')),
  ];
}

/** BR_STATE_LISTENING: without a spanning tree br_port_state_selection() makes a blocking port forward at once, and leaves this one. */
const LISTENING = '1';

function portFlags(port: NonNullable<Device['port']>): readonly string[] {
  const onOff = (on: boolean): string => (on ? 'on' : 'off');
  const state = port.state === 'forwarding' ? [] : ['state', LISTENING];
  return ['hairpin', onOff(port.hairpin), 'isolated', onOff(port.isolated), ...state];
}

function set(device: Device, ...words: readonly string[]): Arguments {
  return ['link', 'set', 'dev', device.name, ...words];
}

function planAddresses(device: Device): readonly Arguments[] {
  const own = (address: DeviceAddress): boolean =>
    address.byKernel === true || (device.kind === 'loopback' && LOOPBACK.has(`${printIp(address.ip)}/${address.bits}`));
  const wanted = device.addresses.filter((address) => !own(address));
  // Of IPv6 addresses the newest stands first (ipv6_link_dev_addr()).
  const inOrder = [...wanted.filter(({ ip }) => isIp4(ip)), ...wanted.filter(({ ip }) => isIp6(ip)).reverse()];
  const given = inOrder.map((address) => addAddress(device, address));
  // inetdev_event(): lo gets its address when it comes up.
  const missing = device.kind === 'loopback' && !device.addresses.some((address) => isIp4(address.ip) && own(address));
  return missing ? [['addr', 'del', '127.0.0.1/8', 'dev', device.name], ...given] : given;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1/8', '::1/128']);

function addAddress(device: Device, address: DeviceAddress): Arguments {
  const ip = printIp(address.ip);
  const words =
    address.peer === undefined ? [`${ip}/${address.bits}`] : [ip, 'peer', `${printIp(address.peer)}/${address.bits}`];
  return [
    ...['addr', 'add', ...words, 'dev', device.name, 'scope', address.scope],
    ...(address.label === undefined || !isIp4(address.ip) ? [] : ['label', address.label]),
    ...(isIp4(address.ip) ? [] : ['nodad']),
    ...(address.noPrefixRoute === true ? ['noprefixroute'] : []),
  ];
}
