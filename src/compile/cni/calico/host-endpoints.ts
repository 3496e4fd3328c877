/** Host endpoints: which device of a node each is for, and their chains in filter, mangle and raw (felix endpoint_mgr.go). */
import { encapsulations, ofFamily, type Pool } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { nodeAddresses, nodeTunnelAddresses } from '../../../cluster/node-networks.ts';
import type { HostEndpoint } from '../../../cluster/policy/calico-policy.ts';
import { compareText } from '../../../cluster/policy/selector.ts';
import type { TableName } from '../../../kernel/netfilter/hook.ts';
import { familyOf, type IpAddr } from '../../../net/address.ts';
import type { CalicoContext } from './context.ts';
import { type InterfaceDispatch, interfaceDispatch } from './dispatch.ts';
import { ENDPOINT_PREFIXES, type EndpointChain, endpointChainName } from './endpoint-chain.ts';
import { FAILSAFE_CHAINS } from './failsafe.ts';
import { action, type FelixChain, type FelixRule, match } from './felix-rule.ts';
import { TUNL0, vxlanDevice } from './node-routes.ts';
import { narrow, tiersOnHost } from './policies-selecting.ts';
import { DIRECTIONS, type Direction, type PolicyStage } from './policy-model.ts';
import { profileChainName } from './profiles.ts';
import type { Static } from './static.ts';
import type { TierPolicies } from './tiers.ts';

/** Longer than any device's name, so that it can be none. */
export const ANY_INTERFACE = 'any-interface-at-all';
const WORKLOAD_PREFIX = 'cali';
const WORKLOADS = `${WORKLOAD_PREFIX}+`;

/** A host endpoint on the device that it governs. */
export type ActiveHostEndpoint = {
  readonly device: string;
  readonly endpoint: HostEndpoint;
  /** Of all stages. */
  readonly tiers: readonly TierPolicies[];
};

/**
 * One for a device, the first by name where several match; `*` for all devices without one of their own. Both families find
 * the same: an expected address of one is enough for the rules of the other, too (endpoint_mgr.go: resolveHostEndpoints()).
 */
export function hostEndpointsOn(
  { cluster, allPools }: Pick<CalicoContext, 'cluster' | 'allPools'>,
  node: string,
): readonly ActiveHostEndpoint[] {
  const own = cluster.hostEndpoints
    .filter((endpoint) => endpoint.node === node)
    .sort((a, b) => compareText(a.name, b.name));
  if (own.length === 0) return [];
  const holders = devicesOf(cluster, allPools, node);
  const active = new Map<string, HostEndpoint>();
  for (const endpoint of own) {
    const devices =
      endpoint.interfaceName === undefined
        ? endpoint.expectedIps.flatMap((ip) => holders.get(ip) ?? [])
        : [endpoint.interfaceName === '*' ? ANY_INTERFACE : endpoint.interfaceName];
    for (const device of devices) if (!active.has(device) && !isOfWorkload(device)) active.set(device, endpoint);
  }
  return [...active].map(([device, endpoint]) => ({ device, endpoint, tiers: tiersOnHost(cluster, endpoint) }));
}

/** Devices of workloads are none that a host endpoint can be for (endpoint_mgr.go: OnUpdate(), wlIfacesRegexp). */
function isOfWorkload(device: string): boolean {
  return device.startsWith(WORKLOAD_PREFIX);
}

/** By address, of both families: the node's card and its tunnels. */
function devicesOf(cluster: Cluster, pools: readonly Pool[], node: string): ReadonlyMap<IpAddr, string> {
  const settings = cluster.settings.nodes.find(({ name }) => name === node);
  if (settings === undefined) return new Map();
  const tunnel = (addr: IpAddr): string => {
    const family = familyOf(addr);
    return encapsulations(ofFamily(pools, family)).ipip ? TUNL0 : vxlanDevice(family);
  };
  return new Map([
    ...nodeAddresses(settings).map(({ addr }) => [addr, settings.interface] as const),
    ...nodeTunnelAddresses(settings).map((addr) => [addr, tunnel(addr)] as const),
  ]);
}

/** A chain of a host endpoint before its policies are grouped. */
export type HostChain = {
  readonly table: TableName;
  readonly name: string;
  readonly direction: Direction;
  readonly tiers: readonly TierPolicies[];
  readonly chain: Omit<EndpointChain, 'tiers'>;
};

/** Every chain of the host endpoints of a node. Chains of raw and for DNAT exist only where there are such policies. */
export function hostChains(active: readonly ActiveHostEndpoint[], { origins }: Static): readonly HostChain[] {
  return active.flatMap(({ device, endpoint, tiers }) => {
    const normal = ofStage(tiers, 'normal');
    const untracked = ofStage(tiers, 'untracked');
    const preDnat = ofStage(tiers, 'pre-dnat');
    const forward = narrow(normal, (policy) => policy.forward);
    const make = (
      table: TableName,
      type: EndpointChain['type'],
      direction: Direction,
      chosen: readonly TierPolicies[],
    ): HostChain => ({
      table,
      name: endpointChainName(ENDPOINT_PREFIXES[type === 'forward' ? 'hostForward' : 'host'][direction], device),
      direction,
      tiers: chosen,
      chain: {
        type,
        profileChains: endpoint.profiles.map((profile) => profileChainName(profile, direction)),
        ...(type === 'forward' ? {} : { failsafe: FAILSAFE_CHAINS[direction] }),
        allow: table === 'mangle' && type === 'normal' ? action.return : action.accept,
        encapsulation: 'allowed',
        origins: {
          endOfTier: (policy) => origins.hostDefault(endpoint, policy, direction),
          noProfile: () => origins.hostEndpoint(endpoint),
        },
      },
    });
    return [
      ...DIRECTIONS.map((direction) => make('filter', 'normal', direction, normal)),
      ...DIRECTIONS.map((direction) => make('filter', 'forward', direction, forward)),
      make('mangle', 'normal', 'egress', normal),
      ...(preDnat.length > 0 ? [make('mangle', 'pre-dnat', 'ingress', preDnat)] : []),
      // Felix does not support untracked policies of the endpoint for all devices.
      ...(untracked.length > 0 && device !== ANY_INTERFACE
        ? DIRECTIONS.map((direction) => make('raw', 'untracked', direction, untracked))
        : []),
    ];
  });
}

function ofStage(tiers: readonly TierPolicies[], stage: PolicyStage): readonly TierPolicies[] {
  return narrow(tiers, (policy) => policy.stage === stage);
}

/** HostDispatchChains: from a device to its chain, where there is one; otherwise to that of `*`. */
export function hostDispatch(
  active: readonly ActiveHostEndpoint[],
  chains: readonly HostChain[],
  { origins }: Static,
): readonly (readonly [TableName, readonly FelixChain[]])[] {
  const origin = origins.plumbing();
  const dispatch = (
    table: TableName,
    root: string,
    prefixes: { readonly ingress: string; readonly egress: string },
    direction: InterfaceDispatch['direction'],
  ): readonly FelixChain[] => {
    const prefix = prefixes[direction === 'from' ? 'ingress' : 'egress'];
    const names = new Set(chains.filter((each) => each.table === table).map(({ name }) => name));
    const devices = active.map(({ device }) => device).filter((each) => names.has(endpointChainName(prefix, each)));
    const others: FelixRule = { action: action.goto(endpointChainName(prefix, ANY_INTERFACE)), origin };
    const skip: FelixRule = {
      comments: ['Skip egress WHEP policy for traffic to local workload'],
      match: match.outInterface(WORKLOADS),
      action: action.return,
      origin,
    };
    const end = devices.includes(ANY_INTERFACE)
      ? [...(table === 'mangle' && direction === 'to' ? [skip] : []), others]
      : [];
    return interfaceDispatch({
      ...{ root, prefix, direction, end, origin },
      interfaces: devices.filter((device) => device !== ANY_INTERFACE),
    });
  };
  const { host, hostForward } = ENDPOINT_PREFIXES;
  return [
    [
      'filter',
      [
        ...dispatch('filter', 'cali-from-host-endpoint', host, 'from'),
        ...dispatch('filter', 'cali-to-host-endpoint', host, 'to'),
        ...dispatch('filter', 'cali-from-hep-forward', hostForward, 'from'),
        ...dispatch('filter', 'cali-to-hep-forward', hostForward, 'to'),
      ],
    ],
    [
      'mangle',
      [
        ...dispatch('mangle', 'cali-from-host-endpoint', host, 'from'),
        ...dispatch('mangle', 'cali-to-host-endpoint', host, 'to'),
      ],
    ],
    [
      'raw',
      [
        ...dispatch('raw', 'cali-from-host-endpoint', host, 'from'),
        ...dispatch('raw', 'cali-to-host-endpoint', host, 'to'),
      ],
    ],
  ];
}
