/** A frame onto a device: the driver's ndo_start_xmit, and what is at the other end of the wire. */
import { BROADCAST_MAC, type Mac } from '../../../net/mac.ts';
import type { Device } from '../../link/device.ts';
import { bridgePorts, leadsTo, takes } from '../../link/flood.ts';
import type { Netns } from '../../netns.ts';
import { emitBridge } from '../emit.ts';
import { drop } from '../end.ts';
import type { Run } from '../run.ts';
import { type Skb, scrub } from '../skb.ts';
import { type Cursor, go, type Next } from '../stage.ts';
import { encapsulateVxlan } from './encapsulate.ts';

/** Sends the frame to `mac`, down through devices on top of others, until somebody receives it. */
export function sendFrame(run: Run, netns: Netns, at: Cursor, device: Device, mac: Mac): Next {
  if (!device.up) return drop(run, netns, at, 'DEV_DOWN', { detail: device.name });
  const { packet } = at.skb;
  run.emit({ kind: 'transmit', netns: netns.id, packet, device: device.name, destinationMac: mac });
  switch (device.kind) {
    case 'veth':
      return toPeer(run, netns, at, device);
    case 'ethernet':
      return ontoSegment(run, netns, at, device, mac);
    case 'bridge':
      return throughPort(run, netns, at, device.name, mac);
    case 'vlan':
      return throughParent(run, netns, { ...at, skb: { ...at.skb, vlan: device.vlan } }, device.parent, mac);
    case 'macvlan':
      return throughParent(run, netns, at, device.parent, mac);
    case 'vxlan':
      return encapsulateVxlan(run, netns, at, device, mac);
    case 'loopback':
    case 'dummy':
    case 'ipip':
    case 'tun':
      return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: device.name });
  }
}

/** The packet as the device at the other end receives it. */
function received(skb: Skb): Skb {
  return { ...scrub(skb, true), frame: skb.frame };
}

/** drivers/net/veth.c veth_xmit() */
function toPeer(run: Run, netns: Netns, at: Cursor, { name, peer }: Extract<Device, { kind: 'veth' }>): Next {
  const other = peer === undefined ? undefined : run.world.netns(peer.netns).devices.get(peer.device);
  if (peer === undefined || other === undefined || !other.up)
    return drop(run, netns, at, 'VETH_PEER', { detail: name });
  return go('receive', { netns: peer.netns, inDevice: peer.device, skb: received(at.skb) });
}

/** The first device on the segment that takes frames for this address, or whose bridge leads to one that does. */
function ontoSegment(
  run: Run,
  netns: Netns,
  at: Cursor,
  { name, segment }: Extract<Device, { kind: 'ethernet' }>,
  mac: Mac,
): Next {
  const { packet } = at.skb;
  const blocked = run.world.blocked(segment, packet);
  if (blocked !== undefined) {
    const origin = blocked.origin === undefined ? {} : { origin: blocked.origin };
    const base = { kind: 'drop', netns: netns.id, packet, reason: 'SEGMENT_BLOCKED' } as const;
    const step = { ...base, detail: blocked.reason, ...origin };
    run.emit(step);
    return drop(run, netns, at, 'SEGMENT_BLOCKED', { step });
  }
  run.emit({ kind: 'segment', netns: netns.id, packet, segment });
  for (const other of run.world.hearing(segment, mac)) {
    if (other.netns === netns.id && other.device === name) continue;
    if (reaches(run, run.world.netns(other.netns), other.device, mac))
      return go('receive', { netns: other.netns, inDevice: other.device, skb: received(at.skb) });
  }
  return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: mac });
}

/** Whether a device that hears the frame takes it, or the bridge it is a port of. */
function reaches(run: Run, netns: Netns, name: string, mac: Mac): boolean {
  const receiver = netns.devices.get(name);
  if (receiver === undefined) return false;
  if (receiver.port === undefined) return receiver.mac === mac || mac === BROADCAST_MAC;
  return reachesThroughBridge(run, netns, receiver, mac);
}

/** Whether the bridge behind this port takes the frame or passes it on to somebody who does. */
function reachesThroughBridge(run: Run, netns: Netns, port: Device, mac: Mac): boolean {
  const bridge = port.port?.bridge;
  if (bridge === undefined || !port.up) return false;
  if (takes(netns, bridge, mac)) return true;
  return bridgePorts(netns, bridge).some((p) => p.name !== port.name && leadsTo(run.world, netns, p.name, mac));
}

/** net/bridge/br_device.c br_dev_xmit(): from the machine itself, out of the port behind which the address is. */
function throughPort(run: Run, netns: Netns, at: Cursor, bridge: string, mac: Mac): Next {
  const port = bridgePorts(netns, bridge).find((p) => leadsTo(run.world, netns, p.name, mac));
  emitBridge(run, netns, at.skb.packet, { bridge, inPort: undefined, outPort: port?.name });
  if (port === undefined) return drop(run, netns, at, 'NO_LISTENER_FOR_MAC', { detail: mac });
  return sendFrame(run, netns, at, port, mac);
}

/** vlan_dev_hard_start_xmit(), macvlan_start_xmit(): the frame leaves by the device below. */
function throughParent(run: Run, netns: Netns, at: Cursor, name: string, mac: Mac): Next {
  const parent = netns.devices.get(name);
  if (parent === undefined) return drop(run, netns, at, 'DEV_DOWN', { detail: name });
  return sendFrame(run, netns, at, parent, mac);
}
