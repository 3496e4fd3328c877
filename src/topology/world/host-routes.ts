/** Lines of `ip route` and `ip rule` of a Host document. */
import type { OriginAt } from '../../kernel/origin.ts';
import { parseRoute } from '../../kernel/route/parse-route-text.ts';
import type { PolicyRule, Route } from '../../kernel/route/route.ts';
import { parsePolicyRule } from '../../kernel/route/rule-text.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue } from '../../lib/result.ts';
import { compareIp, type IpAddr, printIp } from '../../net/address.ts';
import { contains, type Prefix, printPrefix } from '../../net/prefix.ts';
import type { TextBlock } from '../nettrace/text-block.ts';

/** Names of devices that the machine has beside those of the document, with what they are attached to. */
export type KnownDevices = ReadonlyMap<string, readonly Prefix[]>;

export type RouteInput = {
  readonly networks: KnownDevices;
  readonly complete: boolean;
  readonly issues: Issue[];
  readonly originAt: OriginAt;
};

/** Lines of `ip route`. Those that the kernel makes from the addresses are left to it. */
export function compileRoutes(
  lines: readonly TextBlock[],
  { networks, complete, issues, originAt }: RouteInput,
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
  return routes.map(({ route, line }) => withOrigin(route, line, originAt));
}

function withOrigin<T extends Route | PolicyRule>(made: T, { at }: TextBlock, originAt: OriginAt): T {
  return { ...made, origin: originAt(at.line) };
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
export function compileRules(lines: readonly TextBlock[], issues: Issue[], originAt: OriginAt): readonly PolicyRule[] {
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
    return [withOrigin(result.value, line, originAt)];
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

function unknownDevice(name: string, names: Iterable<string>, line: TextBlock): Issue {
  const [best] = nearest(name, names, 1);
  return issue('unknown-interface', `the machine has no interface ${name}`, {
    at: line.at,
    hint: best === undefined ? `it has ${[...names].join(', ')}` : `did you mean ${best}?`,
  });
}
