/** Which devices hear a frame on layer 2: through cables, segments and bridges, as a broadcast would travel. */
import type { Mac } from '../../net/mac.ts';
import type { Netns } from '../netns.ts';
import type { NetnsId } from '../netns-id.ts';
import type { World } from '../world.ts';
import type { Device, DeviceRef } from './device.ts';

/** Who listens on a segment: an index asked by address, since a segment may have thousands of members. */
type Listeners = (segment: string) => readonly DeviceRef[];

/** A bridge on a frame's way, and by which ports it passed; `before` is the one it passed earlier. */
export type Crossing = {
  readonly netns: NetnsId;
  readonly bridge: string;
  readonly inPort: string;
  readonly outPort: string;
  readonly before: Crossing | undefined;
};

/** How a frame came so far. */
type Way = {
  /** The last bridge that passed it on. */
  readonly crossed?: Crossing;
  /** Of a bridge that sent it: the port by which it left. */
  readonly leftBy?: string;
};

/** Who hears a frame: a bridge by one of its ports. */
type Hearer = DeviceRef & Way & { readonly port?: string };

/** Frames between bridges could circle for ever; the real ones run STP, which leaves a tree. */
type Visited = Set<string>;

/** Devices with an IP stack behind them that hear what leaves by `device`, in a fixed order. */
export function* flood(world: World, netns: Netns, device: string, listeners: Listeners): Generator<Hearer> {
  yield* leave(world, netns, device, listeners, new Set(), undefined, {});
}

function* leave(
  world: World,
  netns: Netns,
  name: string,
  listeners: Listeners,
  visited: Visited,
  vlan: number | undefined,
  way: Way,
): Generator<Hearer> {
  const device = netns.devices.get(name);
  if (device === undefined || !device.up) return;
  switch (device.kind) {
    case 'veth':
      if (device.peer !== undefined) yield* arrive(world, device.peer, listeners, visited, vlan, way);
      return;
    case 'ethernet':
      for (const other of listeners(device.segment)) {
        if (other.netns !== netns.id || other.device !== name)
          yield* arrive(world, other, listeners, visited, vlan, way);
      }
      return;
    case 'bridge':
      for (const { name: leftBy } of bridgePorts(netns, name))
        yield* leave(world, netns, leftBy, listeners, visited, vlan, { ...way, leftBy });
      return;
    case 'vlan':
      yield* leave(world, netns, device.parent, listeners, visited, device.vlan, way);
      return;
    case 'macvlan':
      yield* leave(world, netns, device.parent, listeners, visited, vlan, way);
      return;
    case 'loopback':
    case 'dummy':
    case 'ipip':
    case 'tun':
    case 'vxlan':
      return;
  }
}

function* arrive(
  world: World,
  at: DeviceRef,
  listeners: Listeners,
  visited: Visited,
  vlan: number | undefined,
  way: Way,
): Generator<Hearer> {
  const key = `${at.netns} ${at.device} ${vlan ?? ''}`;
  if (visited.has(key)) return;
  visited.add(key);
  const netns = world.netns(at.netns);
  const device = netns.devices.get(at.device);
  if (device === undefined || !device.up) return;
  if (vlan !== undefined) {
    const tagged = [...netns.devices.values()].find(
      (d) => d.kind === 'vlan' && d.parent === at.device && d.vlan === vlan && d.up,
    );
    if (tagged !== undefined) {
      yield { netns: at.netns, device: tagged.name, ...way };
      return;
    }
  }
  if (device.port === undefined) {
    if (vlan === undefined) yield { netns: at.netns, device: at.device, ...way };
    return;
  }
  const bridge = netns.devices.get(device.port.bridge);
  if (bridge === undefined || !bridge.up || device.port.state !== 'forwarding') return;
  if (vlan === undefined) yield { netns: at.netns, device: bridge.name, port: at.device, ...way };
  for (const port of bridgePorts(netns, bridge.name)) {
    if (port.name === at.device) continue;
    if (device.port.isolated && port.port?.isolated === true) continue;
    const ports = { bridge: bridge.name, inPort: at.device, outPort: port.name };
    const crossed = { netns: at.netns, ...ports, before: way.crossed };
    yield* leave(world, netns, port.name, listeners, visited, vlan, { ...way, crossed });
  }
}

/** The ports of a bridge that forward, in ifindex order. */
export function bridgePorts(netns: Netns, bridge: string): readonly Device[] {
  return [...netns.devices.values()].filter((d) => d.port?.bridge === bridge && d.port.state === 'forwarding' && d.up);
}

/** Whether a frame to `mac` that leaves by the device reaches somebody who takes it. */
export function leadsTo(world: World, netns: Netns, device: string, mac: Mac): boolean {
  for (const ref of flood(world, netns, device, (segment) => world.hearing(segment, mac))) {
    if (takes(world.netns(ref.netns), ref.device, mac)) return true;
  }
  return false;
}

/** Whether the device's IP stack takes frames for the address: its own, or on a bridge that of any port. */
export function takes(netns: Netns, name: string, mac: Mac): boolean {
  const device = netns.devices.get(name);
  if (device === undefined) return false;
  if (device.mac === mac) return true;
  return device.kind === 'bridge' && [...netns.devices.values()].some((d) => d.port?.bridge === name && d.mac === mac);
}
