/** From what somebody configured to what the kernel then holds: addresses bring routes, devices get their places. */
import { invariant } from '../lib/assert.ts';
import { type Lazy, lazy } from '../lib/lazy.ts';
import { type Family, type IpAddr, ip4, isIp4, isIp6 } from '../net/address.ts';
import { deriveMac, type Mac, parseMac } from '../net/mac.ts';
import { contains, hostPrefix, lastIp, network } from '../net/prefix.ts';
import { VirtualServerTable } from './ipvs/virtual-server-table.ts';
import type { Device, DeviceAddress } from './link/device.ts';
import { buildRuleset } from './netfilter/build-ruleset.ts';
import type { Ruleset } from './netfilter/ruleset.ts';
import { parseIptablesSave } from './netfilter/save-format.ts';
import type { Netns } from './netns.ts';
import type { NetnsId } from './netns-id.ts';
import type { DeviceSpec, IptablesSpec, NetnsSpec } from './netns-spec.ts';
import { buildTables } from './nftables/build-tables.ts';
import { parseNftables } from './nftables/parse-ruleset.ts';
import type { NftRuleset } from './nftables/ruleset.ts';
import { kernelRoutes6 } from './route/ipv6/kernel-routes.ts';
import { withOwnAddresses } from './route/ipv6/own-addresses.ts';
import { familyOfRule, type PolicyRule, type Route, TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN } from './route/route.ts';
import { Sysctls } from './sysctl.ts';

/** fib_default_rules_init(); fib6_rules_net_init() makes the first two. */
const DEFAULT_RULES: readonly PolicyRule[] = [
  { priority: 0, action: { kind: 'lookup', table: TABLE_LOCAL } },
  { priority: 32766, action: { kind: 'lookup', table: TABLE_MAIN } },
  { priority: 32767, action: { kind: 'lookup', table: TABLE_DEFAULT } },
];

const DEFAULT_RULES6 = DEFAULT_RULES.slice(0, 2);

const LOOPBACK: DeviceSpec = {
  kind: 'loopback',
  name: 'lo',
  mtu: 65536,
  addresses: [{ ip: ip4(0x7f000001), bits: 8, scope: 'host' }],
};

const LOOPBACK_MAC = parseMac('00:00:00:00:00:00');

/** What is written in `spec` and not yet made is remembered piece by piece, and the rest forgotten. */
export function buildNetns(spec: NetnsSpec): Netns {
  const specs = spec.devices.some((d) => d.kind === 'loopback') ? spec.devices : [LOOPBACK, ...spec.devices];
  const sysctls = new Sysctls(spec.sysctls ?? {});
  const six = usesIpv6(spec);
  const placed = specs.map((d, i) => placeDevice(spec.id, d, i + 1));
  const devices = new Map(placed.map((d) => [d.name, six ? withOwnAddresses(d, sysctls, isReady(spec, d)) : d]));
  invariant(devices.size === specs.length, `${spec.id}: two devices of one name`);
  const up = (name: string) => devices.get(name)?.up === true;
  return {
    id: spec.id,
    devices,
    routes: byTable([
      ...[...devices.values()].flatMap(kernelRoutes),
      ...(six ? [...devices.values()].flatMap((device) => kernelRoutes6(device, sysctls, isReady(spec, device))) : []),
      ...usableRoutes(spec.routes ?? [], up),
    ]),
    rules: rulesOf(spec, 4),
    rules6: rulesOf(spec, 6),
    neighbours: spec.neighbours ?? [],
    proxyNeighbours: spec.proxyNeighbours ?? [],
    arpResponders: spec.arpResponders ?? [],
    fdb: spec.fdb ?? [],
    sysctls,
    iptables: lazyRuleset(spec.iptables, spec.iptablesText, 4),
    ip6tables: lazyRuleset(spec.ip6tables, spec.ip6tablesText, 6),
    nftables: lazyTables(spec.nftables, spec.nftablesText),
    ipsets: new Map((spec.ipsets ?? []).map((set) => [set.name, set])),
    ipvs: lazyServers(spec.ipvs),
    listeners: spec.listeners ?? [],
  };
}

/** Whether anything of IPv6 is named; see route/ipv6/README.md. */
function usesIpv6(spec: NetnsSpec): boolean {
  return (
    spec.devices.some(({ addresses = [] }) => addresses.some(({ ip }) => isIp6(ip))) ||
    (spec.routes ?? []).some(({ destination }) => isIp6(destination.addr)) ||
    (spec.neighbours ?? []).some(({ ip }) => isIp6(ip))
  );
}

/** Whether there is a signal, as far as this namespace can tell: what a pair's other end does elsewhere is not known here. */
function isReady(spec: NetnsSpec, device: Device): boolean {
  if (device.kind !== 'veth') return true;
  const { peer } = device;
  if (peer === undefined || peer.netns !== spec.id) return peer !== undefined;
  return spec.devices.some(({ name, up }) => name === peer.device && up !== false);
}

function rulesOf(spec: NetnsSpec, family: Family): readonly PolicyRule[] {
  const own = (spec.rules ?? []).filter((rule) => familyOfRule(rule) === family);
  return [...own, ...(family === 4 ? DEFAULT_RULES : DEFAULT_RULES6)].sort((a, b) => a.priority - b.priority);
}

function placeDevice(netns: NetnsId, spec: DeviceSpec, index: number): Device {
  const mac: Mac =
    spec.mac ??
    (spec.kind === 'loopback' && LOOPBACK_MAC !== undefined ? LOOPBACK_MAC : deriveMac(`${netns}/${spec.name}`));
  return { ...spec, index, mac, mtu: spec.mtu ?? 1500, up: spec.up ?? true, addresses: spec.addresses ?? [] };
}

/**
 * net/ipv4/fib_frontend.c fib_add_ifaddr(). The local entries stay when the device goes down (their next hop has scope
 * nowhere, which fib_sync_down_dev() spares); the connected route and the broadcast entry go.
 */
function kernelRoutes(device: Device): readonly Route[] {
  return device.addresses.flatMap((address) => {
    if (!isIp4(address.ip)) return [];
    const local: Route = {
      ...kernelRoute(hostPrefix(address.ip), TABLE_LOCAL, 'host', primaryOf(device, address).ip),
      type: 'local',
      device: device.name,
    };
    return device.up ? [local, ...subnetRoutes(device, address)] : [local];
  });
}

/** inet_ifa_byprefix(): the entry of a secondary address prefers the first address of its subnet as source. */
function primaryOf(device: Device, address: DeviceAddress): DeviceAddress {
  if (address.secondary !== true) return address;
  const { ip, bits } = address;
  const primary = device.addresses.find(
    (other) => other.secondary !== true && other.bits === bits && contains({ addr: other.ip, bits }, ip),
  );
  return primary ?? address;
}

function subnetRoutes(device: Device, address: DeviceAddress): readonly Route[] {
  const subnet = network({ addr: address.peer ?? address.ip, bits: address.bits });
  if (address.secondary === true || (subnet.addr === address.ip && subnet.bits === hostPrefix(address.ip).bits))
    return [];
  const routes: Route[] = [];
  if (device.kind === 'loopback') {
    routes.push({ ...kernelRoute(subnet, TABLE_LOCAL, 'host', address.ip), type: 'local', device: device.name });
  } else if (address.noPrefixRoute !== true) {
    routes.push({
      ...kernelRoute(subnet, TABLE_MAIN, 'link', address.ip),
      type: 'unicast',
      nexthops: [{ device: device.name, weight: 1 }],
    });
  }
  if (subnet.bits < 31) {
    routes.push({
      ...kernelRoute(hostPrefix(lastIp(subnet)), TABLE_LOCAL, 'link', address.ip),
      type: 'broadcast',
      device: device.name,
    });
  }
  return routes;
}

function kernelRoute(destination: Route['destination'], table: number, scope: Route['scope'], prefSrc: IpAddr) {
  return { destination, table, metric: 0, scope, protocol: 'kernel', prefSrc } as const;
}

/** fib_sync_down_dev(): a route is gone when all its devices are down; a next hop when its device is. */
function usableRoutes(routes: readonly Route[], up: (device: string) => boolean): readonly Route[] {
  const usable: Route[] = [];
  for (const route of routes) {
    // Thousands of machines share the routes to each other's blocks: no copy where nothing changes.
    if (route.type !== 'unicast' || route.nexthops.every((hop) => up(hop.device))) {
      usable.push(route);
      continue;
    }
    const [first, ...rest] = route.nexthops.filter((hop) => up(hop.device));
    if (first !== undefined) usable.push({ ...route, nexthops: [first, ...rest] });
  }
  return usable;
}

function byTable(routes: readonly Route[]): ReadonlyMap<number, readonly Route[]> {
  const tables = new Map<number, Route[]>();
  for (const route of routes) {
    const table = tables.get(route.table);
    if (table === undefined) tables.set(route.table, [route]);
    else table.push(route);
  }
  return tables;
}

function lazyRuleset(...of: Parameters<typeof rulesetOf>): Lazy<Ruleset> {
  return lazy(() => rulesetOf(...of));
}

function lazyTables(tables: NetnsSpec['nftables'], text: NetnsSpec['nftablesText']): Lazy<NftRuleset> {
  return lazy(() => buildTables(tables ?? [], nftablesOf(text)));
}

function lazyServers(servers: NetnsSpec['ipvs']): Lazy<VirtualServerTable> {
  return lazy(() => new VirtualServerTable(servers?.() ?? []));
}

/** As with rulesetOf(): the text was checked when it was read. */
function nftablesOf(text: NetnsSpec['nftablesText']): NftRuleset {
  if (text === undefined) return [];
  const parsed = parseNftables(text.text, text);
  invariant(parsed.ok, `nftables text of ${text.file}:${text.line} was not checked before use`);
  return parsed.value;
}

/** Text was checked when it was read: what does not parse here is a bug. */
function rulesetOf(
  contributions: readonly IptablesSpec[] | undefined,
  text: NetnsSpec['iptablesText'],
  family: 4 | 6,
): Ruleset {
  if (text === undefined) return buildRuleset(contributions ?? [], undefined, family);
  const base = parseIptablesSave(text.text, { family, ...text });
  invariant(base.ok, `iptables text of ${text.file}:${text.line} was not checked before use`);
  return buildRuleset(contributions ?? [], base.value, family);
}
