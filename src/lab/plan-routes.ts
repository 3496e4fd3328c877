/** Calls of `ip` for routes, rules and neighbours: what differs from what the kernel makes by itself. */

import type { Netns } from '../kernel/netns.ts';
import { type PolicyRule, type Route, TABLE_LOCAL, TABLE_MAIN } from '../kernel/route/route.ts';
import { printRoute } from '../kernel/route/route-text.ts';
import { printPolicyRule } from '../kernel/route/rule-text.ts';
import { type Family, familyOf, isIp4, printIp } from '../net/address.ts';
import { network, printPrefix, widthOf } from '../net/prefix.ts';
import type { Arguments } from './plan.ts';

export function planRoutes(netns: Netns): readonly Arguments[] {
  const all = [...netns.routes.values()].flat();
  const own = new Set(all.filter((route) => isKernels(route)));
  const added = all.filter((route) => !own.has(route) && !leavesByDownDevice(netns, route));
  // A gateway is checked against the routes that are there (fib_check_nh()): direct routes come first.
  const direct = added.filter((route) => !hasGateway(route));
  const indirect = added.filter(hasGateway);
  return [
    ...missingConnected(netns, all).map((words) => ['route', 'del', ...words]),
    ...[...direct, ...indirect].map((route) => ['route', 'add', ...routeWords(route)]),
    ...netns.neighbours.map((entry) => [
      'neigh',
      'replace',
      printIp(entry.ip),
      'lladdr',
      entry.mac,
      'dev',
      entry.device,
      'nud',
      'permanent',
    ]),
    ...netns.proxyNeighbours.map(({ ip, device }) => ['neigh', 'add', 'proxy', printIp(ip), 'dev', device]),
  ];
}

/** fib_add_ifaddr(), add_addr(): routes of the local table, and the connected routes of the main table. */
function isKernels(route: Route): boolean {
  if (route.protocol !== 'kernel') return false;
  switch (route.type) {
    case 'local':
    case 'broadcast':
    case 'anycast':
    case 'multicast':
      return route.table === TABLE_LOCAL;
    default:
  }
  return route.type === 'unicast' && route.table === TABLE_MAIN && !hasGateway(route);
}

function hasGateway(route: Route): boolean {
  return route.type === 'unicast' && route.nexthops.some((hop) => hop.via !== undefined);
}

/** Such routes went when the device did (fib_sync_down_dev()). */
function leavesByDownDevice(netns: Netns, route: Route): boolean {
  const isDown = (device: string): boolean => netns.devices.get(device)?.up === false;
  return route.type === 'unicast' && route.nexthops.every((hop) => isDown(hop.device));
}

/** Connected routes that the kernel makes and the machine has not (somebody deleted them). */
function missingConnected(netns: Netns, all: readonly Route[]): readonly Arguments[] {
  return [...netns.devices.values()].flatMap((device) =>
    device.addresses.flatMap((address): readonly Arguments[] => {
      if (!device.up || !isIp4(address.ip) || address.noPrefixRoute === true || address.secondary === true) return [];
      const prefix = network({ addr: address.peer ?? address.ip, bits: address.bits });
      if (device.kind === 'loopback' || (address.peer === undefined && address.bits === widthOf(4))) return [];
      const text = printPrefix(prefix);
      const there = all.some(
        (route) =>
          route.type === 'unicast' &&
          printPrefix(route.destination) === text &&
          route.nexthops.some((hop) => hop.device === device.name),
      );
      return there ? [] : [[text, 'dev', device.name, 'proto', 'kernel']];
    }),
  );
}

/** `ip route add` takes scope link for granted where there is no gateway, and `default` for IPv4. */
function routeWords(route: Route): Arguments {
  const words = printRoute(route).trim().split(/\s+/);
  const six = familyOf(route.destination.addr) === 6;
  const destination = words.map((word) => (six && word === 'default' ? '::/0' : word));
  const scoped = destination.includes('scope') || six || route.type !== 'unicast';
  if (scoped) return destination;
  const before = destination.indexOf('nexthop');
  const at = before < 0 ? destination.length : before;
  return [...destination.slice(0, at), 'scope', route.scope, ...destination.slice(at)];
}

/** net/ipv4/fib_rules.c fib_default_rules_init(). */
const STANDARD4: ReadonlyMap<number, string> = new Map([
  [0, 'from all lookup local'],
  [32766, 'from all lookup main'],
  [32767, 'from all lookup default'],
]);

/** net/ipv6/fib6_rules.c fib6_rules_net_init() */
const STANDARD6: ReadonlyMap<number, string> = new Map([
  [0, 'from all lookup local'],
  [32766, 'from all lookup main'],
]);

export function planRules(netns: Netns, hasIpv6: boolean): readonly Arguments[] {
  return [...planFamilyRules(netns.rules, 4), ...(hasIpv6 ? planFamilyRules(netns.rules6, 6) : [])];
}

function planFamilyRules(rules: readonly PolicyRule[], family: Family): readonly Arguments[] {
  const standard = family === 4 ? STANDARD4 : STANDARD6;
  // Whatever its addresses are, `ip rule` takes a rule for IPv4's without this.
  const six = family === 6 ? ['-6'] : [];
  const printed = rules.map((rule) => ({ rule, words: printPolicyRule(rule).replace(/^\d+:\t/, '') }));
  const isStandard = (priority: number, words: string): boolean => standard.get(priority) === words;
  const kept = new Set(
    printed.filter(({ rule, words }) => isStandard(rule.priority, words)).map(({ rule }) => rule.priority),
  );
  const added = printed.filter(({ rule, words }) => !isStandard(rule.priority, words));
  const add = added
    .sort((a, b) => Number(a.rule.action.kind === 'goto') - Number(b.rule.action.kind === 'goto'))
    .map(({ rule, words }) => [...six, 'rule', 'add', 'priority', String(rule.priority), ...words.split(' ')]);
  const gone = [...standard.keys()]
    .filter((priority) => !kept.has(priority))
    .map((priority) => [...six, 'rule', 'del', 'priority', String(priority)]);
  return [...add, ...gone];
}
