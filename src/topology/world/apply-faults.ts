/** Faults of one machine, carried out on its compiled namespace. */
import type { OriginTable } from '../../compile/origin.ts';
import { applyIptablesCommand } from '../../kernel/netfilter/iptables-command.ts';
import type { Chain, Ruleset } from '../../kernel/netfilter/ruleset.ts';
import type { Netns } from '../../kernel/netns.ts';
import { buildNetns } from '../../kernel/netns-build.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import type { OriginId } from '../../kernel/origin.ts';
import type { Route } from '../../kernel/route/route.ts';
import { applyRouteCommand } from '../../kernel/route/route-command.ts';
import { lazy } from '../../lib/lazy.ts';
import { nearest } from '../../lib/nearest.ts';
import { plain } from '../../lib/quote.ts';
import { type Issue, issue } from '../../lib/result.ts';
import { isIp4 } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import type { Fault } from '../nettrace/fault-document.ts';
import type { TextBlock } from '../nettrace/text-block.ts';

/** Builds the namespace as the faults leave it. What cannot be carried out is an issue, and left out. */
export function buildWithFaults(
  spec: NetnsSpec,
  faults: readonly Fault[],
  origins: OriginTable,
): { readonly netns: Netns; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  let broken = spec;
  for (const fault of faults) {
    if (fault.kind === 'sysctl') broken = { ...broken, sysctls: { ...broken.sysctls, ...fault.sysctls } };
    if (fault.kind === 'interface-down') broken = takeDown(broken, fault, origins, issues);
  }
  let netns = buildNetns(broken);
  for (const fault of faults) {
    const origin = faultOrigin(fault, origins);
    if (fault.kind === 'route') netns = changeRoute(netns, fault.command, origin, issues);
    if (fault.kind === 'iptables') {
      for (const command of fault.commands) netns = changeRules(netns, command, origin, issues);
    }
  }
  return { netns, issues };
}

export function faultOrigin({ fault, source }: Fault, origins: OriginTable): OriginId {
  return origins.mint({ role: 'fault', kind: 'Fault', name: fault, source });
}

function takeDown(
  spec: NetnsSpec,
  fault: Fault & { readonly kind: 'interface-down' },
  origins: OriginTable,
  issues: Issue[],
): NetnsSpec {
  const names = spec.devices.map(({ name }) => name);
  if (!names.includes(fault.interface)) {
    const { source } = fault;
    const [best] = nearest(fault.interface, names, 1);
    issues.push(
      issue('unknown-interface', `${spec.id} has no interface ${plain(fault.interface)}`, {
        at: source.document.locate([...source.path, 'interface']),
        hint: best === undefined ? `it has ${names.join(', ')}` : `did you mean ${best}?`,
      }),
    );
    return spec;
  }
  const origin = faultOrigin(fault, origins);
  return {
    ...spec,
    devices: spec.devices.map((device) => {
      if (device.name !== fault.interface) return device;
      // addrconf_ifdown(): a device that goes down keeps its addresses of IPv4 only.
      return { ...device, up: false, addresses: (device.addresses ?? []).filter(({ ip }) => isIp4(ip)), origin };
    }),
  };
}

function changeRoute(netns: Netns, command: TextBlock, origin: OriginId, issues: Issue[]): Netns {
  const deviceFor: (gateway: Parameters<typeof contains>[1]) => string | undefined = (gateway) =>
    [...netns.devices.values()].find(({ addresses }) =>
      addresses.some(({ ip, bits }) => contains({ addr: ip, bits }, gateway)),
    )?.name;
  const result = applyRouteCommand(netns.routes, command.text, { at: command.at, deviceFor });
  if (!result.ok) {
    issues.push(...result.issues);
    return netns;
  }
  const before = new Set<Route>([...netns.routes.values()].flat());
  const marked = [...result.value].map(([table, routes]): [number, readonly Route[]] => [
    table,
    routes.map((route) => (before.has(route) ? route : { ...route, origin })),
  ]);
  return { ...netns, routes: new Map(marked) };
}

function changeRules(netns: Netns, command: TextBlock, origin: OriginId, issues: Issue[]): Netns {
  const family = /^\s*ip6tables\b/.test(command.text) ? 6 : 4;
  const before = family === 4 ? netns.iptables() : netns.ip6tables();
  const { file, line, column } = command.at;
  const result = applyIptablesCommand(before, command.text, { family, file, line, column: column - 1 });
  if (!result.ok) {
    issues.push(...result.issues);
    return netns;
  }
  const after = lazy(() => markNew(before, result.value, origin));
  return family === 4 ? { ...netns, iptables: after } : { ...netns, ip6tables: after };
}

/** Gives the origin to the rules that were not there before. */
function markNew(before: Ruleset, after: Ruleset, origin: OriginId): Ruleset {
  return new Map(
    [...after].map(([name, table]) => {
      const old = before.get(name);
      const chains = [...table.chains].map(([key, chain]): [string, Chain] => {
        const rules = lazy(() => {
          const known = new Set(old?.chains.get(key)?.rules() ?? []);
          return chain
            .rules()
            .map((rule) => (known.has(rule) ? rule : { matches: rule.matches, target: rule.target, origin }));
        });
        return [key, { ...chain, rules }];
      });
      return [name, { ...table, chains: new Map(chains) }];
    }),
  );
}
