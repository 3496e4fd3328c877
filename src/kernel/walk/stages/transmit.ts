/** From the IP layer onto the wire: net/ipv4/ip_output.c ip_finish_output2(), net/core/dev.c __dev_queue_xmit(). */
import type { IpAddr } from '../../../net/address.ts';
import { BROADCAST_MAC, type Mac } from '../../../net/mac.ts';
import type { Device } from '../../link/device.ts';
import type { Netns } from '../../netns.ts';
import { addressType } from '../../route/address-type.ts';
import { resolveNeighbour } from '../../route/neighbour.ts';
import { discoveryFilter } from '../discovery-filter.ts';
import { emitNeighbour } from '../emit.ts';
import { drop, refuse } from '../end.ts';
import { icmpMessage } from '../icmp-error.ts';
import { neighbourKey, type Run } from '../run.ts';
import { type Cursor, go, type Next, type Stage } from '../stage.ts';
import { encapsulateIpip, sendByProcess } from './encapsulate.ts';
import { sendFrame } from './send-frame.ts';

/** Finds the next hop's link address, where the device wants one, and hands the frame to the device. */
export const transmit: Stage = (run, netns, at) => {
  const device = netns.devices.get(at.outDevice ?? '');
  if (device === undefined) return drop(run, netns, at, 'DEV_DOWN', { detail: at.outDevice ?? '' });
  const target = at.nexthop ?? at.skb.packet.dst;
  switch (device.kind) {
    case 'loopback':
    case 'dummy':
    case 'ipip':
    case 'tun':
      return sendUnaddressed(run, netns, at, device, target);
    case 'ethernet':
    case 'veth':
    case 'bridge':
    case 'vlan':
    case 'macvlan':
    case 'vxlan':
      return sendToNeighbour(run, netns, at, device, target);
  }
};

/** The devices whose neighbours have no link address: IFF_LOOPBACK or IFF_NOARP (arp_constructor(), ndisc_constructor()). */
type UnaddressedDevice = Extract<Device, { kind: 'loopback' | 'dummy' | 'ipip' | 'tun' }>;

function sendUnaddressed(run: Run, netns: Netns, at: Cursor, device: UnaddressedDevice, target: IpAddr): Next {
  const { packet } = at.skb;
  run.emit({ kind: 'transmit', netns: netns.id, packet, device: device.name, destinationMac: undefined });
  switch (device.kind) {
    case 'loopback':
      // loopback_xmit(): the packet keeps its connection, its mark and its route.
      return go('receive', { netns: netns.id, inDevice: device.name, skb: { ...later(at).skb, frame: undefined } });
    case 'dummy':
      return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: 'a dummy device swallows what is sent' });
    case 'ipip':
      return encapsulateIpip(run, netns, at, device, target);
    case 'tun':
      return sendByProcess(run, netns, later(at), device);
  }
}

function sendToNeighbour(run: Run, netns: Netns, at: Cursor, device: Device, target: IpAddr): Next {
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const mac = linkAddress(run, netns, at, device, target);
  if (mac === undefined) {
    // arp_error_report(), ndisc_error_report(): after three unanswered requests, to the sender wherever it is.
    return refuse(run, netns, later(at), 'NEIGH_FAILED', icmpMessage(at.skb.packet, 'host-unreachable'));
  }
  const framed: Cursor = { ...at, skb: { ...at.skb, frame: { source: device.mac, destination: mac } } };
  return sendFrame(run, netns, framed, device, mac);
}

/** What comes now comes when the call that sent the packet has returned. */
function later(at: Cursor): Cursor {
  return at.skb.insideIcmpSend === undefined ? at : { ...at, skb: { ...at.skb, insideIcmpSend: undefined } };
}

function linkAddress(run: Run, netns: Netns, at: Cursor, device: Device, target: IpAddr): Mac | undefined {
  const kind = addressType(netns, target);
  if (kind === 'BROADCAST') return BROADCAST_MAC;
  const silent = run.memory(netns.id).silentNeighbours;
  const key = neighbourKey(device.name, target);
  // neigh_invalidate(): an error that leaves by the very neighbour who did not answer is thrown away, whoever it asks as.
  const found = silent.has(key)
    ? undefined
    : resolveNeighbour(run, netns, device.name, target, at.skb.packet.src, discoveryFilter(run));
  if (found === undefined) silent.add(key);
  emitNeighbour(run, netns, at.skb.packet, { device: device.name, target }, found);
  return found?.mac;
}

/** dev_queue_xmit() of a frame that is complete already. */
export const port: Stage = (run, netns, at) => {
  const device = netns.devices.get(at.outDevice ?? '');
  const mac = at.skb.frame?.destination;
  if (device === undefined || mac === undefined) return drop(run, netns, at, 'DEV_DOWN');
  return sendFrame(run, netns, at, device, mac);
};
