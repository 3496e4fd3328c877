/**
 * Devices in an order in which every machine's kernel lists them as the emulator does: source addresses are searched in
 * that order (inet_select_addr() walks for_each_netdev()). A pair has a place in two machines; where the two orders
 * contradict each other, one end waits in the workshop.
 */

import type { Device, DeviceRef } from '../kernel/link/device.ts';
import type { Netns } from '../kernel/netns.ts';
import { netnsId } from '../kernel/netns-id.ts';
import { invariant } from '../lib/assert.ts';
import { printIp } from '../net/address.ts';
import type { Arguments, WireEnd, WiringStep } from './plan.ts';

/** A segment that needs a switch, and the ends in it. */
export type Switch = { readonly segment: string; readonly ports: readonly DeviceRef[] };

export type Wiring = {
  readonly steps: readonly WiringStep[];
  readonly switches: readonly Switch[];
  readonly workshopUsed: boolean;
};

/** Names of the machines that the plan adds to the topology's own. */
export type AddedMachines = { readonly workshop: string; switchOf(segment: string): string };

/** The bridge of a switch and its ports. */
export const SWITCH_BRIDGE = 'bridge';
export function switchPort(index: number): string {
  return `port${index + 1}`;
}

/** veth takes up to this (ETH_MAX_MTU): a switch must not be narrower than what is plugged into it. */
const WIDEST_MTU = 65535;

/** What is at the other side of a device that is one end of a pair. */
type Opposite =
  | { readonly kind: 'device'; readonly at: DeviceRef }
  | { readonly kind: 'port'; readonly at: DeviceRef }
  | { readonly kind: 'nothing' };

export function planWiring(netnses: readonly Netns[], added: AddedMachines): Wiring {
  const { switches, opposites } = findOpposites(netnses, added);
  const steps: WiringStep[] = switches.map(({ segment }) => ({
    do: 'add',
    machine: added.switchOf(segment),
    arguments: bridgeArguments(SWITCH_BRIDGE, []),
  }));
  const queues = new Map(
    netnses.map((netns) => [`${netns.id}`, [...netns.devices.values()].filter((d) => d.kind !== 'loopback')]),
  );
  /** Ends that already exist in the workshop, by machine and device. */
  const waiting = new Map<string, string>();
  let parked = 0;
  const end = (machine: string, device: Device): WireEnd => ({
    machine,
    device: device.name,
    mac: device.mac,
    mtu: device.mtu,
  });
  const park = (): string => `end${++parked}`;

  const take = (machine: string, force: boolean): boolean => {
    const queue = queues.get(machine) ?? [];
    const device = queue[0];
    if (device === undefined) return false;
    const parkedAs = waiting.get(key(machine, device.name));
    const opposite = opposites.get(key(machine, device.name));
    if (parkedAs !== undefined) {
      steps.push({ do: 'move', machine: added.workshop, device: parkedAs, to: { machine, device: device.name } });
    } else if (opposite === undefined) {
      steps.push({ do: 'add', machine, arguments: addArguments(device) });
    } else if (opposite.kind === 'port') {
      const port = { machine: opposite.at.netns, device: opposite.at.device, mtu: WIDEST_MTU };
      steps.push({ do: 'pair', ends: [end(machine, device), port] });
    } else if (opposite.kind === 'nothing') {
      steps.push({ do: 'pair', ends: [end(machine, device), { machine: added.workshop, device: park() }] });
    } else {
      const other = opposite.at;
      const otherQueue = queues.get(other.netns) ?? [];
      const otherDevice = otherQueue.find((candidate) => candidate.name === other.device);
      invariant(otherDevice !== undefined, 'the other end of a pair is built twice');
      const next = other.netns === machine ? otherQueue[1] : otherQueue[0];
      if (next === otherDevice) {
        // veth_newlink() registers the peer first: of two ends in one machine the first device is the peer.
        steps.push({ do: 'pair', ends: [end(other.netns, otherDevice), end(machine, device)] });
        otherQueue.splice(otherQueue.indexOf(otherDevice), 1);
      } else {
        if (!force) return false;
        const name = park();
        steps.push({
          do: 'pair',
          ends: [{ ...end(other.netns, otherDevice), machine: added.workshop, device: name }, end(machine, device)],
        });
        waiting.set(key(other.netns, otherDevice.name), name);
      }
    }
    queue.splice(queue.indexOf(device), 1);
    return true;
  };

  const machines = [...queues.keys()];
  for (
    let left = machines;
    left.length > 0;
    left = machines.filter((machine) => (queues.get(machine)?.length ?? 0) > 0)
  ) {
    const moved = left.filter((machine) => takeAll(() => take(machine, false)));
    if (moved.length === 0 && left[0] !== undefined) take(left[0], true);
  }
  return { steps, switches, workshopUsed: parked > 0 };
}

/** Calls until it says no; whether it said yes at all. */
function takeAll(take: () => boolean): boolean {
  let any = false;
  while (take()) any = true;
  return any;
}

function key(netns: string, device: string): string {
  return `${netns}\n${device}`;
}

/**
 * Segments with two ends, both up, are a cable: a veth pair. A switch keeps the carrier of the other ends when one goes
 * down, as a real one does and as the emulator takes for granted.
 */
function findOpposites(
  netnses: readonly Netns[],
  added: AddedMachines,
): { readonly switches: readonly Switch[]; readonly opposites: ReadonlyMap<string, Opposite> } {
  const opposites = new Map<string, Opposite>();
  const segments = new Map<string, { ref: DeviceRef; up: boolean }[]>();
  const known = new Map(netnses.map((netns) => [netns.id, netns]));
  for (const netns of netnses) {
    for (const device of netns.devices.values()) {
      const ref = { netns: netns.id, device: device.name };
      if (device.kind === 'ethernet') {
        const ends = segments.get(device.segment) ?? [];
        segments.set(device.segment, [...ends, { ref, up: device.up }]);
      } else if (device.kind === 'veth') {
        const peer = device.peer;
        const there = peer === undefined ? undefined : known.get(peer.netns)?.devices.get(peer.device);
        const mutual = there?.kind === 'veth' && there.peer?.netns === netns.id && there.peer.device === device.name;
        opposites.set(
          key(netns.id, device.name),
          peer !== undefined && mutual ? { kind: 'device', at: peer } : { kind: 'nothing' },
        );
      }
    }
  }
  const switches: Switch[] = [];
  for (const [segment, ends] of segments) {
    const [first, second] = ends;
    if (ends.length === 2 && first?.up && second?.up) {
      opposites.set(key(first.ref.netns, first.ref.device), { kind: 'device', at: second.ref });
      opposites.set(key(second.ref.netns, second.ref.device), { kind: 'device', at: first.ref });
      continue;
    }
    switches.push({ segment, ports: ends.map(({ ref }) => ref) });
    ends.forEach(({ ref }, index) => {
      // The switch is no machine of the topology, but its name lives beside theirs.
      opposites.set(key(ref.netns, ref.device), {
        kind: 'port',
        at: { netns: netnsId(added.switchOf(segment)), device: switchPort(index) },
      });
    });
  }
  return { switches, opposites };
}

function addArguments(device: Device): Arguments {
  const base = [
    'name',
    device.name,
    ...(device.kind === 'ipip' ? [] : ['address', device.mac]),
    'mtu',
    String(device.mtu),
  ];
  switch (device.kind) {
    case 'bridge':
      // USER_HZ is 100 everywhere; the option takes ticks.
      return bridgeArguments(
        device.name,
        ['address', device.mac],
        device.ageing === undefined ? [] : ['ageing_time', String(device.ageing * 100)],
      );
    case 'dummy':
      return ['link', 'add', ...base, 'type', 'dummy'];
    case 'vlan':
      return ['link', 'add', 'link', device.parent, ...base, 'type', 'vlan', 'id', String(device.vlan)];
    case 'macvlan':
      return ['link', 'add', 'link', device.parent, ...base, 'type', 'macvlan', 'mode', 'bridge'];
    case 'ipip':
      return [
        ...['link', 'add', ...base, 'type', 'ipip'],
        ...['local', device.local === undefined ? 'any' : printIp(device.local)],
        ...['remote', device.remote === undefined ? 'any' : printIp(device.remote)],
        ...['ttl', device.ttl === undefined || device.ttl === 0 ? 'inherit' : String(device.ttl)],
      ];
    case 'vxlan':
      return [
        ...['link', 'add', ...base, 'type', 'vxlan', 'id', String(device.vni), 'dstport', String(device.udpPort)],
        ...(device.local === undefined ? [] : ['local', printIp(device.local)]),
        ...(device.parent === undefined ? [] : ['dev', device.parent]),
        device.learning ? 'learning' : 'nolearning',
      ];
    case 'tun':
      // The process behind it is not ours to start: what goes in there ends there.
      return ['tuntap', 'add', 'dev', device.name, 'mode', 'tun'];
    case 'loopback':
    case 'ethernet':
    case 'veth':
      invariant(false, `${device.kind} devices are not added`);
  }
}

/** No spanning tree, no waiting, no snooping: frames are forwarded from the first on. */
function bridgeArguments(name: string, before: readonly string[], after: readonly string[] = []): Arguments {
  return [
    'link',
    'add',
    'name',
    name,
    ...before,
    'type',
    'bridge',
    'stp_state',
    '0',
    'forward_delay',
    '0',
    'mcast_snooping',
    '0',
    ...after,
  ];
}
