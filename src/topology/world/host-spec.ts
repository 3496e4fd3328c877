/** A Host document as a network namespace to build. */
import type { OriginTable } from '../../compile/origin.ts';
import { parseIpvsSave } from '../../kernel/ipvs/parse-ipvsadm.ts';
import type { DeviceAddress, DeviceRef, FdbEntry } from '../../kernel/link/device.ts';
import { parseFdbEntry, parseNeighbour } from '../../kernel/link/parse-neighbour-text.ts';
import { parseIpsetSave } from '../../kernel/netfilter/ipset/save.ts';
import type { Ipset } from '../../kernel/netfilter/ipset.ts';
import { parseIptablesSave } from '../../kernel/netfilter/save-format.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import type { DeviceSpec, NetnsSpec } from '../../kernel/netns-spec.ts';
import { parseNftables } from '../../kernel/nftables/parse-ruleset.ts';
import type { OriginId } from '../../kernel/origin.ts';
import { parseRoute } from '../../kernel/route/parse-route-text.ts';
import type { PolicyRule, Route, StaticNeighbour } from '../../kernel/route/route.ts';
import { parsePolicyRule } from '../../kernel/route/rule-text.ts';
import { eager } from '../../lib/lazy.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue, type Result } from '../../lib/result.ts';
import { compareIp, familyOf, type IpAddr, ip4, printIp } from '../../net/address.ts';
import { contains, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { HostDocument, InterfaceSpec } from '../nettrace/host-document.ts';
import type { TextBlock } from '../nettrace/text-block.ts';
import { placeColumns } from './text-issues.ts';

/** Names of devices that the machine has beside those of the document, with what they are attached to. */
type KnownDevices = ReadonlyMap<string, readonly Prefix[]>;

export type HostSpecInput = {
  readonly host: HostDocument;
  /** Devices from elsewhere: docker0, a node's network card and what its CNI makes. undefined: not all are known. */
  readonly others: KnownDevices;
  readonly complete: boolean;
  readonly peerOf: (host: string, device: InterfaceSpec) => DeviceRef | undefined;
  readonly origins: OriginTable;
  readonly issues: Issue[];
};

/** What the document says; issues go to `issues`, and what they are about is left out. */
export function compileHost(input: HostSpecInput): NetnsSpec {
  const { host, issues, origins } = input;
  const origin = origins.mint({ role: 'hand-written', kind: 'Host', name: host.name, source: host.source });
  const devices = compileDevices(input, origin);
  const networks = new Map<string, readonly Prefix[]>([...input.others, ['lo', [{ addr: ip4(0x7f000001), bits: 8 }]]]);
  for (const { name, addresses } of host.interfaces) networks.set(name, addresses);
  const known = { ...input, networks };
  return {
    id: netnsId(host.name),
    devices,
    routes: compileRoutes(host.routes, known).map((route) => ({ ...route, origin })),
    rules: compileRules(host.rules, issues).map((rule) => ({ ...rule, origin })),
    neighbours: host.neighbours.flatMap((line) => keep(parseNeighbour(line.text, line.at), issues)),
    fdb: host.fdb.flatMap((line): readonly FdbEntry[] => keep(parseFdbEntry(line.text, line.at), issues)),
    sysctls: host.sysctls,
    listeners: host.listen,
    ipsets: readIpsets(host.ipsets, issues),
    ...readIpvs(host.ipvs, origin, issues),
    ...checkedNftables(host.nftables, issues),
    ...checkedIptables(host.iptables, 4, issues),
    ...checkedIptables(host.ip6tables, 6, issues),
  };
}

function keep<T extends StaticNeighbour | FdbEntry>(result: Result<T>, issues: Issue[]): readonly T[] {
  if (result.ok) return [result.value];
  issues.push(...result.issues);
  return [];
}

function readIpsets(block: TextBlock | undefined, issues: Issue[]): readonly Ipset[] {
  if (block === undefined) return [];
  const result = parseIpsetSave(block.text, block.at);
  if (result.ok) return result.value;
  issues.push(...placeColumns(result.issues, block));
  return [];
}

function readIpvs(block: TextBlock | undefined, origin: OriginId, issues: Issue[]): Pick<NetnsSpec, 'ipvs'> {
  if (block === undefined) return {};
  const result = parseIpvsSave(block.text, block.at);
  if (!result.ok) {
    issues.push(...placeColumns(result.issues, block));
    return {};
  }
  return { ipvs: eager(result.value.map((server) => ({ ...server, origin }))) };
}

function checkedNftables(block: TextBlock | undefined, issues: Issue[]): Pick<NetnsSpec, 'nftablesText'> {
  if (block === undefined) return {};
  const { file, line } = block.at;
  const result = parseNftables(block.text, { file, line });
  if (result.ok) return { nftablesText: { text: block.text, file, line } };
  issues.push(...placeColumns(result.issues, block));
  return {};
}

/** The text is read here only to find its mistakes; the machine reads it again when a packet first comes by. */
export function checkedIptables(
  block: TextBlock | undefined,
  family: 4 | 6,
  issues: Issue[],
): Pick<NetnsSpec, 'iptablesText' | 'ip6tablesText'> {
  if (block === undefined) return {};
  const { file, line } = block.at;
  const result = parseIptablesSave(block.text, { family, file, line });
  if (!result.ok) {
    issues.push(...placeColumns(result.issues, block));
    return {};
  }
  const text = { text: block.text, file, line };
  return family === 4 ? { iptablesText: text } : { ip6tablesText: text };
}

function compileDevices({ host, others, peerOf, issues }: HostSpecInput, origin: OriginId): readonly DeviceSpec[] {
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

export type RouteInput = {
  readonly networks: KnownDevices;
  readonly complete: boolean;
  readonly issues: Issue[];
};

/** Lines of `ip route`. Those that the kernel makes from the addresses are left to it. */
export function compileRoutes(
  lines: readonly TextBlock[],
  { networks, complete, issues }: RouteInput,
): readonly Route[] {
  const deviceFor = (gateway: IpAddr): string | undefined =>
    [...networks].find(([, prefixes]) => prefixes.some((prefix) => contains(prefix, gateway)))?.[0];
  const parsed = lines.flatMap((line): readonly { readonly route: Route; readonly line: TextBlock }[] => {
    const result = parseRoute(line.text, { at: line.at, deviceFor });
    if (result.ok) return [{ route: result.value, line }];
    issues.push(...result.issues);
    return [];
  });
  const routes = parsed.filter(({ route }) => !madeByKernel(route, networks));
  for (const { route, line } of routes) {
    if (route.type !== 'unicast') continue;
    for (const hop of route.nexthops) {
      const prefixes = networks.get(hop.device);
      if (prefixes === undefined) {
        if (complete) issues.push(unknownDevice(hop.device, networks.keys(), line));
        continue;
      }
      const { via } = hop;
      if (via === undefined || hop.onlink === true) continue;
      // fib_check_nh(): the gateway has to be on the link, by an address or by a route of scope link.
      const onLink =
        prefixes.some((prefix) => contains(prefix, via)) ||
        parsed.some(({ route: other }) => leadsOnLink(other, hop.device, via));
      if (onLink) continue;
      const there = prefixes.length === 0 ? 'it has no address' : prefixes.map(printPrefix).join(', ');
      issues.push(
        issue('gateway-not-on-link', `gateway ${printIp(via)} is not on the network of ${hop.device} (${there})`, {
          at: line.at,
          hint: 'add `onlink` if it is there all the same',
        }),
      );
    }
  }
  return routes.map(({ route }) => route);
}

function leadsOnLink(route: Route, device: string, gateway: IpAddr): boolean {
  if (route.type !== 'unicast' || !contains(route.destination, gateway) || route.destination.bits === 0) return false;
  return route.nexthops.some((hop) => hop.device === device && hop.via === undefined);
}

/** A line that `ip route` prints of an address's own network: buildNetns() makes it again. */
function madeByKernel(route: Route, networks: KnownDevices): boolean {
  const { prefSrc } = route;
  if (route.protocol !== 'kernel' || prefSrc === undefined) return false;
  return [...networks.values()].flat().some((prefix) => compareIp(prefix.addr, prefSrc) === 0);
}

/** Lines of `ip rule`, without the three that every machine has. */
function compileRules(lines: readonly TextBlock[], issues: Issue[]): readonly PolicyRule[] {
  // fib_default_rule_pref(): one less than the lowest rule but the first.
  let next = 32765;
  return lines.flatMap((line) => {
    const result = parsePolicyRule(line.text, { at: line.at, priority: next });
    if (!result.ok) {
      issues.push(...result.issues);
      return [];
    }
    if (isStandard(result.value)) return [];
    next = Math.min(next, result.value.priority - 1);
    return [result.value];
  });
}

function isStandard(rule: PolicyRule): boolean {
  const standard = new Map([
    [0, 255],
    [32766, 254],
    [32767, 253],
  ]);
  return (
    rule.action.kind === 'lookup' && standard.get(rule.priority) === rule.action.table && Object.keys(rule).length === 2
  );
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

function unknownDevice(name: string, names: Iterable<string>, line: TextBlock): Issue {
  const [best] = nearest(name, names, 1);
  return issue('unknown-interface', `the machine has no interface ${name}`, {
    at: line.at,
    hint: best === undefined ? `it has ${[...names].join(', ')}` : `did you mean ${best}?`,
  });
}
