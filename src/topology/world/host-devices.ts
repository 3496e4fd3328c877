/** The interfaces of a Host document as devices. */
import type { DeviceAddress, DeviceRef } from '../../kernel/link/device.ts';
import type { DeviceSpec } from '../../kernel/netns-spec.ts';
import type { OriginId } from '../../kernel/origin.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue } from '../../lib/result.ts';
import { familyOf, ip4 } from '../../net/address.ts';
import { contains, network, printPrefix } from '../../net/prefix.ts';
import type { InterfaceSpec } from '../nettrace/host-document.ts';
import type { HostSpecInput } from './host-spec.ts';

/** In the order of the document; what is wrong with one goes to `issues`, and a second one of a name is left out. */
export function compileDevices(
  { host, others, peerOf, issues }: HostSpecInput,
  origin: OriginId,
): readonly DeviceSpec[] {
  const names = new Set<string>(others.keys());
  const bridges = new Map<string, string>();
  const all = new Map(host.interfaces.map((device) => [device.name, device]));
  const valid: InterfaceSpec[] = [];
  for (const device of host.interfaces) {
    if (names.has(device.name)) {
      issues.push(
        problem(device, 'duplicate-interface', `${host.name} has two interfaces named ${device.name}`, ['name']),
      );
      continue;
    }
    names.add(device.name);
    valid.push(device);
    for (const port of device.kind === 'bridge' ? device.ports : []) {
      const taken = bridges.get(port);
      if (!all.has(port) && !others.has(port))
        issues.push(unknownInterface(device, 'ports', port, all.keys(), host.name));
      else if (taken !== undefined) {
        issues.push(problem(device, 'two-bridges', `${port} is already a port of ${taken}`, ['ports']));
      } else bridges.set(port, device.name);
    }
    const parent = 'parent' in device ? device.parent : undefined;
    if (parent !== undefined && !all.has(parent) && !others.has(parent)) {
      issues.push(unknownInterface(device, 'parent', parent, all.keys(), host.name));
    }
  }
  return valid.map((device) => compileDevice(device, bridges.get(device.name), peerOf(host.name, device), origin));
}

function compileDevice(
  device: InterfaceSpec,
  bridge: string | undefined,
  peer: DeviceRef | undefined,
  origin: OriginId,
): DeviceSpec {
  const base = {
    name: device.name,
    up: device.up,
    addresses: compileAddresses(device),
    origin,
    ...(device.mac === undefined ? {} : { mac: device.mac }),
    ...(device.mtu === undefined ? {} : { mtu: device.mtu }),
    ...(bridge === undefined
      ? {}
      : { port: { bridge, hairpin: device.hairpin, isolated: device.isolated, state: 'forwarding' as const } }),
  };
  switch (device.kind) {
    case 'ethernet':
      return { ...base, kind: device.kind, segment: device.segment };
    case 'veth':
      return { ...base, kind: device.kind, peer };
    case 'vlan':
      return { ...base, kind: device.kind, parent: device.parent, vlan: device.vlan };
    case 'macvlan':
      return { ...base, kind: device.kind, parent: device.parent };
    case 'vxlan': {
      const { kind, vni, port, learning, local, parent } = device;
      return {
        ...base,
        kind,
        vni,
        udpPort: port,
        learning,
        ...(local === undefined ? {} : { local }),
        ...(parent === undefined ? {} : { parent }),
      };
    }
    case 'ipip': {
      const { kind, local, remote, ttl } = device;
      return {
        ...base,
        kind,
        mtu: device.mtu ?? 1480,
        ...(local === undefined ? {} : { local }),
        ...(remote === undefined ? {} : { remote }),
        ...(ttl === undefined ? {} : { ttl }),
      };
    }
    case 'bridge':
    case 'dummy':
      return { ...base, kind: device.kind };
    case 'loopback':
      return { ...base, kind: device.kind, mtu: device.mtu ?? 65536, addresses: [LOOPBACK, ...base.addresses] };
  }
}

const LOOPBACK: DeviceAddress = { ip: ip4(0x7f000001), bits: 8, scope: 'host' };

/** `ip addr add`: a second address of a network that the device is on already is secondary (IPv4, __inet_insert_ifa()). */
function compileAddresses({ addresses }: InterfaceSpec): readonly DeviceAddress[] {
  return addresses.map(({ addr, bits }, index): DeviceAddress => {
    const secondary =
      familyOf(addr) === 4 &&
      addresses.slice(0, index).some((first) => first.bits === bits && contains(first, addr) && first.addr !== addr);
    const linkLocal = familyOf(addr) === 6 && printPrefix(network({ addr, bits: 10 })) === 'fe80::/10';
    return { ip: addr, bits, scope: linkLocal ? 'link' : 'global', ...(secondary ? { secondary } : {}) };
  });
}

function problem(device: InterfaceSpec, code: string, message: string, path: readonly (string | number)[]): Issue {
  const { document, path: own } = device.source;
  return issue(code, message, { at: document.locate([...own, ...path]) });
}

function unknownInterface(
  device: InterfaceSpec,
  field: string,
  name: string,
  names: Iterable<string>,
  host: string,
): Issue {
  const found = problem(device, 'unknown-interface', `${host} has no interface ${name}`, [field]);
  const [best] = nearest(name, names, 1);
  return best === undefined ? found : { ...found, hint: `did you mean ${best}?` };
}
