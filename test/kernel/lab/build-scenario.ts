/** A scenario as the emulator's machines and world. */

import type { DeviceAddress, DeviceRef, Scope } from '../../../src/kernel/link/device.ts';
import { parseIpsetSave } from '../../../src/kernel/netfilter/ipset/save.ts';
import { parseIptablesSave } from '../../../src/kernel/netfilter/save-format.ts';
import type { Netns } from '../../../src/kernel/netns.ts';
import { buildNetns } from '../../../src/kernel/netns-build.ts';
import { type NetnsId, netnsId } from '../../../src/kernel/netns-id.ts';
import type { DeviceSpec, NetnsSpec } from '../../../src/kernel/netns-spec.ts';
import { parseNftables } from '../../../src/kernel/nftables/parse-ruleset.ts';
import { parseRoutes } from '../../../src/kernel/route/parse-route-text.ts';
import { parsePolicyRule } from '../../../src/kernel/route/rule-text.ts';
import type { Listener } from '../../../src/kernel/socket.ts';
import type { Probe } from '../../../src/kernel/walk/step.ts';
import type { World } from '../../../src/kernel/world.ts';
import { collect, type Issue, ok, type Result } from '../../../src/lib/result.ts';
import { type IpAddr, isIp4, parseIp } from '../../../src/net/address.ts';
import { type Mac, parseMac } from '../../../src/net/mac.ts';
import { network, parsePrefix, printPrefix } from '../../../src/net/prefix.ts';
import type { DeviceText, MachineText, ProbeText, Scenario } from './scenario.ts';

/** What a scenario says is our own text: what does not parse is a mistake of the generator or of a parser. */
class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

function take<T>(result: Result<T>, what: string): T {
  if (result.ok) return result.value;
  throw new ScenarioError(`${what}: ${result.issues.map((one: Issue) => one.message).join('; ')}`);
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ScenarioError(what);
  return value;
}

export function buildMachines(scenario: Scenario): readonly Netns[] {
  return scenario.machines.map(buildMachine);
}

function buildMachine(machine: MachineText): Netns {
  const devices = machine.devices.map(readDevice);
  const iptables = machine.iptables ?? '';
  if (iptables !== '')
    take(parseIptablesSave(iptables, { family: 4, file: machine.name, line: 1 }), `iptables of ${machine.name}`);
  const ip6tables = machine.ip6tables ?? '';
  if (ip6tables !== '')
    take(parseIptablesSave(ip6tables, { family: 6, file: machine.name, line: 1 }), `ip6tables of ${machine.name}`);
  return buildNetns({
    id: netnsId(machine.name),
    devices,
    routes: take(collect((machine.routes ?? []).map((line) => parseRoutes(line))), `routes of ${machine.name}`).flat(),
    rules: take(collect((machine.rules ?? []).map((line) => parsePolicyRule(line))), `rules of ${machine.name}`),
    neighbours: (machine.neighbours ?? []).map(({ device, ip, mac }) => ({
      device,
      ip: readIp(ip),
      mac: readMac(mac),
    })),
    proxyNeighbours: (machine.proxies ?? []).map(({ device, ip }) => ({ device, ip: readIp(ip) })),
    fdb: (machine.fdb ?? []).map(({ device, mac, remote }) => ({ device, mac: readMac(mac), remote: readIp(remote) })),
    sysctls: machine.sysctls ?? {},
    ...(iptables === '' ? {} : { iptablesText: { text: iptables, file: machine.name, line: 1 } }),
    ...(ip6tables === '' ? {} : { ip6tablesText: { text: ip6tables, file: machine.name, line: 1 } }),
    ...readNftables(machine),
    ipsets: take(
      machine.ipsets === undefined ? ok([]) : parseIpsetSave(machine.ipsets, { file: machine.name, line: 1 }),
      `ipsets of ${machine.name}`,
    ),
    listeners: (machine.listen ?? []).map(readListener),
  });
}

function readNftables({ name, nftables: text = '' }: MachineText): Pick<NetnsSpec, 'nftablesText'> {
  if (text === '') return {};
  take(parseNftables(text, { file: name }), `nftables of ${name}`);
  return { nftablesText: { text, file: name, line: 1 } };
}

function readIp(text: string): IpAddr {
  return need(parseIp(text), `address ${text}`);
}

function readMac(text: string): Mac {
  return need(parseMac(text), `MAC ${text}`);
}

function readDevice(device: DeviceText): DeviceSpec {
  const { name, mtu } = device;
  const base = {
    name,
    ...(mtu === undefined ? {} : { mtu }),
    ...(device.mac === undefined ? {} : { mac: readMac(device.mac) }),
    ...(device.down === true ? { up: false } : {}),
    ...(device.bridge === undefined ? {} : { port: readPort(device.bridge, device) }),
    addresses: readAddresses(device.addresses ?? []),
  };
  const parent = (): string => need(device.parent, `${name} has no parent`);
  switch (device.kind) {
    case 'loopback':
      return { ...base, mtu: mtu ?? 65536, kind: 'loopback' };
    case 'dummy':
    case 'bridge':
      return { ...base, kind: device.kind };
    case 'ethernet':
      return { ...base, kind: 'ethernet', segment: need(device.segment, `${name} has no segment`) };
    case 'veth':
      return {
        ...base,
        kind: 'veth',
        peer: device.peer === undefined ? undefined : { netns: netnsId(device.peer[0]), device: device.peer[1] },
      };
    case 'vlan':
      return { ...base, kind: 'vlan', parent: parent(), vlan: device.vlan ?? 1 };
    case 'macvlan':
      return { ...base, kind: 'macvlan', parent: parent() };
    case 'ipip':
      return { ...base, kind: 'ipip', ...tunnelEnds(device) };
    case 'vxlan':
      return {
        ...base,
        kind: 'vxlan',
        vni: device.vni ?? 1,
        udpPort: 4789,
        learning: false,
        ...tunnelEnds(device),
        ...(device.parent === undefined ? {} : { parent: device.parent }),
      };
  }
}

function tunnelEnds({ local, remote }: DeviceText): { local?: IpAddr; remote?: IpAddr } {
  return {
    ...(local === undefined ? {} : { local: readIp(local) }),
    ...(remote === undefined ? {} : { remote: readIp(remote) }),
  };
}

function readPort(bridge: string, device: DeviceText): NonNullable<DeviceSpec['port']> {
  return {
    bridge,
    hairpin: device.hairpin === true,
    isolated: device.isolated === true,
    state: device.blocking === true ? 'blocking' : 'forwarding',
  };
}

const SCOPES: readonly Scope[] = ['global', 'site', 'link', 'host', 'nowhere'];

/** An address of the subnet of an earlier one is secondary (inet_insert_ifa()). */
function readAddresses(texts: readonly string[]): readonly DeviceAddress[] {
  const subnets = new Set<string>();
  return texts.map((text) => {
    const words = text.split(' ');
    const after = (word: string): string | undefined =>
      words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
    const own = need(parsePrefix(words[0] ?? ''), `address ${text}`);
    const peerText = after('peer');
    const peer = peerText === undefined ? undefined : need(parsePrefix(peerText), `peer ${text}`);
    const subnet = printPrefix(network(peer ?? own));
    const secondary = isIp4(own.addr) && subnets.has(subnet);
    subnets.add(subnet);
    const scope =
      SCOPES.find((candidate) => candidate === after('scope')) ?? (words[0]?.startsWith('127.') ? 'host' : 'global');
    return {
      ip: own.addr,
      bits: (peer ?? own).bits,
      scope,
      ...(peer === undefined ? {} : { peer: peer.addr }),
      ...(secondary ? { secondary: true } : {}),
      ...(words.includes('noprefixroute') ? { noPrefixRoute: true } : {}),
    };
  });
}

function readListener(text: string): Listener {
  const match = need(/^(?:\[?([\da-f.:]+?)\]?:)?(\d+)\/(tcp|udp)$/.exec(text) ?? undefined, `listener ${text}`);
  const protocol = match[3] === 'udp' ? 'udp' : 'tcp';
  return { protocol, port: Number(match[2]), ...(match[1] === undefined ? {} : { address: readIp(match[1]) }) };
}

export function readProbe(probe: ProbeText): Probe {
  const { machine, destination, source, ...rest } = probe;
  return {
    ...rest,
    netns: netnsId(machine),
    destination: readIp(destination),
    ...(source === undefined ? {} : { source: readIp(source) }),
  };
}

/** The machines on their segments, all known from the start. */
export function buildWorld(machines: readonly Netns[]): World {
  const byId = new Map(machines.map((netns) => [netns.id, netns]));
  const onSegment = new Map<string, DeviceRef[]>();
  for (const netns of machines) {
    for (const device of netns.devices.values()) {
      if (device.kind !== 'ethernet') continue;
      onSegment.set(device.segment, [
        ...(onSegment.get(device.segment) ?? []),
        { netns: netns.id, device: device.name },
      ]);
    }
  }
  const all = (segment: string): readonly DeviceRef[] => onSegment.get(segment) ?? [];
  return {
    netns: (id: NetnsId) => need(byId.get(id), `no machine ${id}`),
    answering: all,
    hearing: all,
    blocked: () => undefined,
  };
}
