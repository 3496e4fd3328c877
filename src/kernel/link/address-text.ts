/**
 * A namespace's devices in the words of `ip addr`, `ip neigh` and `bridge fdb` (iproute2 6.1). Only what was configured
 * is printed, and what the kernel adds by itself: no learned neighbours, no multicast entries. Where a real machine may differ
 * (queueing discipline, queue length) the words are those of devices made with `ip link add`.
 */
import { compareIp, isIp4, printIp } from '../../net/address.ts';
import { lastIp } from '../../net/prefix.ts';
import type { Netns } from '../netns.ts';
import type { Device, DeviceAddress, DeviceRef } from './device.ts';

/** Finds the other end of a veth pair, to know its number and whether it is up. */
type PeerLookup = (peer: DeviceRef) => Device | undefined;

/** The lines of `ip addr`. */
export function printAddresses(netns: Netns, peerOf: PeerLookup): readonly string[] {
  return [...netns.devices.values()].flatMap((device) => {
    const lower = lowerOf(netns, device, peerOf);
    const carrier = hasCarrier(netns, device, lower);
    // addrconf_notify(): the kernel adds its own address when the link is ready.
    const addresses = device.addresses.filter(({ byKernel }) => byKernel !== true || carrier);
    return [...printLink(device, lower, carrier), ...addresses.flatMap((address) => printAddress(device, address))];
  });
}

/** What is below a device: the other end of a pair, the card under a vlan. */
type Lower = { readonly suffix: string; readonly local: boolean; readonly up: boolean };

function lowerOf(netns: Netns, device: Device, peerOf: PeerLookup): Lower | undefined {
  switch (device.kind) {
    case 'veth': {
      const peer = device.peer;
      const other = peer === undefined ? undefined : peerOf(peer);
      if (peer === undefined || other === undefined) return { suffix: '@NONE', local: false, up: false };
      const local = peer.netns === netns.id;
      return { suffix: local ? `@${other.name}` : `@if${other.index}`, local, up: other.up };
    }
    case 'vlan':
    case 'macvlan': {
      const parent = netns.devices.get(device.parent);
      return { suffix: `@${device.parent}`, local: true, up: parent?.up === true };
    }
    case 'ipip':
      return { suffix: '@NONE', local: false, up: true };
    case 'loopback':
    case 'dummy':
    case 'tun':
    case 'ethernet':
    case 'bridge':
    case 'vxlan':
      return undefined;
  }
}

/** netif_carrier_ok(): whether there is a signal below the device. */
function hasCarrier(netns: Netns, device: Device, lower: Lower | undefined): boolean {
  if (device.kind !== 'bridge') return lower?.up !== false;
  return [...netns.devices.values()].some((port) => port.port?.bridge === device.name && port.up);
}

function printLink(device: Device, lower: Lower | undefined, carrier: boolean): readonly string[] {
  const noCarrier = device.up && !carrier ? ['NO-CARRIER'] : [];
  const running = device.up ? (carrier ? ['UP', 'LOWER_UP'] : ['UP']) : [];
  // print_link_flags(): the link below is in this namespace and down.
  const lowerDown = lower?.local === true && !lower.up ? ['M-DOWN'] : [];
  const flags = [...noCarrier, ...linkFlags(device), ...running, ...lowerDown];
  const master = device.port === undefined ? '' : ` master ${device.port.bridge}`;
  const head = `${device.index}: ${device.name}${lower?.suffix ?? ''}: <${flags.join(',')}> mtu ${device.mtu}`;
  const link = `${head} qdisc ${queueing(device)}${master} state ${operState(device, carrier, lower)}`;
  // tun_net_init(): TUN_READQ_SIZE.
  return [`${link} group default qlen ${device.kind === 'tun' ? 500 : 1000}`, `    ${printLinkAddress(device)}`];
}

function linkFlags(device: Device): readonly string[] {
  switch (device.kind) {
    case 'loopback':
      return ['LOOPBACK'];
    case 'dummy':
      return ['BROADCAST', 'NOARP'];
    case 'ipip':
      return device.remote === undefined ? ['NOARP'] : ['POINTOPOINT', 'NOARP'];
    case 'tun':
      return ['POINTOPOINT', 'MULTICAST', 'NOARP'];
    case 'ethernet':
    case 'veth':
    case 'bridge':
    case 'vlan':
    case 'macvlan':
    case 'vxlan':
      return ['BROADCAST', 'MULTICAST'];
  }
}

/** Software devices have no queue of their own, a TUN device has; one that was never up has `noop`. */
function queueing(device: Device): string {
  if (device.kind === 'ethernet' || device.kind === 'tun') return 'fq_codel';
  return device.up ? 'noqueue' : 'noop';
}

const SILENT: ReadonlySet<Device['kind']> = new Set(['loopback', 'dummy', 'ipip', 'tun', 'vxlan']);

/** IF_OPER_*: drivers that never report a carrier stay UNKNOWN. */
function operState(device: Device, carrier: boolean, lower: Lower | undefined): string {
  if (!device.up) return 'DOWN';
  if (!carrier) return lower === undefined ? 'DOWN' : 'LOWERLAYERDOWN';
  return SILENT.has(device.kind) ? 'UNKNOWN' : 'UP';
}

function printLinkAddress(device: Device): string {
  if (device.kind === 'loopback') return 'link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00';
  if (device.kind === 'tun') return 'link/none';
  if (device.kind !== 'ipip') return `link/ether ${device.mac} brd ff:ff:ff:ff:ff:ff`;
  const local = device.local === undefined ? '0.0.0.0' : printIp(device.local);
  return device.remote === undefined
    ? `link/ipip ${local} brd 0.0.0.0`
    : `link/ipip ${local} peer ${printIp(device.remote)}`;
}

function printAddress(device: Device, address: DeviceAddress): readonly string[] {
  const words = [
    isIp4(address.ip) ? 'inet' : 'inet6',
    address.peer === undefined
      ? `${printIp(address.ip)}/${address.bits}`
      : `${printIp(address.ip)} peer ${printIp(address.peer)}/${address.bits}`,
  ];
  const broadcast = linkFlags(device).includes('BROADCAST') && address.bits <= 30 && address.peer === undefined;
  if (broadcast && isIp4(address.ip)) words.push('brd', printIp(lastIp({ addr: address.ip, bits: address.bits })));
  words.push('scope', address.scope);
  if (address.secondary === true) words.push('secondary');
  if (address.noPrefixRoute === true) words.push('noprefixroute');
  if (isIp4(address.ip)) words.push(address.label ?? device.name);
  return [`    ${words.join(' ')}`, '       valid_lft forever preferred_lft forever'];
}

/** The lines of `ip neigh`: the entries somebody set; what ARP would learn is not listed. */
export function printNeighbours(netns: Netns): readonly string[] {
  const place = (name: string): number => netns.devices.get(name)?.index ?? Number.MAX_SAFE_INTEGER;
  return [...netns.neighbours]
    .sort((a, b) => compareIp(a.ip, b.ip) || place(a.device) - place(b.device))
    .map((entry) => `${printIp(entry.ip)} dev ${entry.device} lladdr ${entry.mac} PERMANENT`);
}

/** The lines of `bridge fdb`: bridges and their ports with their own addresses, and the entries of vxlan devices. */
export function printFdb(netns: Netns): readonly string[] {
  return [...netns.devices.values()].flatMap((device) => {
    if (device.kind === 'bridge') return [`${device.mac} dev ${device.name} master ${device.name} permanent`];
    if (device.port !== undefined) return [`${device.mac} dev ${device.name} master ${device.port.bridge} permanent`];
    return netns.fdb
      .filter((entry) => entry.device === device.name)
      .map((entry) => `${entry.mac} dev ${device.name} dst ${printIp(entry.remote)} self permanent`);
  });
}
