/** Which devices of the nodes host endpoints govern, and what their policies are (felix/dataplane/linux/endpoint_mgr.go). */
import { encapsulations, ipPools, ofFamily } from '../../cluster/calico-pools.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeAddresses, nodeTunnelAddresses } from '../../cluster/node-networks.ts';
import type { HostEndpoint } from '../../cluster/policy/calico-policy.ts';
import { compareText } from '../../cluster/policy/selector.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { groupBy } from '../../lib/group-by.ts';
import { type Family, familyOf } from '../../net/address.ts';
import { fromCalicoRules } from '../from-calico-policy.ts';
import { selectsHost } from '../match-end.ts';
import { DIRECTIONS, type Direction, type Policy, type PolicyRule, type PolicyTier } from '../rule-set.ts';

/** `untracked` and `pre-dnat` come first; then `normal` for what is the machine's own, `forward` for what it hands on. */
export const HOST_STAGES = ['untracked', 'pre-dnat', 'normal', 'forward'] as const;
export type HostStage = (typeof HOST_STAGES)[number];

export type GovernedDevice = {
  readonly endpoint: HostEndpoint;
  /** The endpoint is for every device that no other is for. */
  readonly isWildcard: boolean;
  /** Only policies that select the endpoint. */
  readonly tiers: Readonly<Record<HostStage, readonly PolicyTier[]>>;
  /** What becomes of what no policy decides about, on the machine's own traffic: its profiles, else nothing passes. */
  readonly profiles: PolicyTier;
};

/** By node, then by device; `*` is every other device. */
export type GovernedDevices = ReadonlyMap<string, ReadonlyMap<string, GovernedDevice>>;

export const EVERY_DEVICE = '*';

/** One endpoint for a device, the first by name where several are for it. */
export function governedDevices(cluster: Cluster, tiers: readonly PolicyTier[]): GovernedDevices {
  const byNode = groupBy(cluster.hostEndpoints, ({ node }) => node);
  return new Map(
    [...byNode].map(([name, endpoints]) => {
      const node = cluster.settings.nodes.find((each) => each.name === name);
      const devices = new Map<string, GovernedDevice>();
      for (const endpoint of [...endpoints].sort((a, b) => compareText(a.name, b.name))) {
        const { interfaceName } = endpoint;
        const names = interfaceName === undefined ? devicesOfAddresses(cluster, node, endpoint) : [interfaceName];
        for (const device of names)
          if (!devices.has(device) && !isOfWorkload(device))
            devices.set(device, govern(cluster, tiers, endpoint, device));
      }
      return [name, withEarlyRules(devices)] as const;
    }),
  );
}

/** No host endpoint is for the device of a Pod (endpoint_mgr.go: OnUpdate(), wlIfacesRegexp). */
function isOfWorkload(device: string): boolean {
  return device.startsWith('cali');
}

/** A device whose own endpoint has no pre-DNAT policy has no chain for them, and goes on to that of every device. */
function withEarlyRules(devices: ReadonlyMap<string, GovernedDevice>): ReadonlyMap<string, GovernedDevice> {
  const early = devices.get(EVERY_DEVICE)?.tiers['pre-dnat'] ?? [];
  if (early.length === 0) return devices;
  return new Map(
    [...devices].map(([name, device]) => {
      const hasOwn = device.tiers['pre-dnat'].length > 0;
      return [name, hasOwn ? device : { ...device, tiers: { ...device.tiers, 'pre-dnat': early } }];
    }),
  );
}

function devicesOfAddresses(
  cluster: Cluster,
  node: NodeSettings | undefined,
  { expectedIps }: HostEndpoint,
): readonly string[] {
  if (node === undefined) return [];
  return expectedIps.flatMap((ip) => {
    if (nodeAddresses(node).some(({ addr }) => addr === ip)) return [node.interface];
    return nodeTunnelAddresses(node).includes(ip) ? (tunnelDevice(cluster, familyOf(ip)) ?? []) : [];
  });
}

/** The tunnel of a family, if the pools have one. */
function tunnelDevice(cluster: Cluster, family: Family): string | undefined {
  const { ipip, vxlan } = encapsulations(ofFamily(ipPools(cluster), family));
  return ipip ? TUNNELS.ipip : vxlan ? vxlanTunnel(family) : undefined;
}

export const TUNNELS = { ipip: 'tunl0', vxlan: 'vxlan.calico', vxlan6: 'vxlan-v6.calico' } as const;

export function vxlanTunnel(family: Family): string {
  return family === 4 ? TUNNELS.vxlan : TUNNELS.vxlan6;
}

function govern(cluster: Cluster, all: readonly PolicyTier[], endpoint: HostEndpoint, device: string): GovernedDevice {
  const selecting = narrow(all, ({ subject }) => selectsHost(cluster, subject, endpoint));
  const normal = narrow(selecting, ({ stage }) => stage === 'normal');
  const isWildcard = device === EVERY_DEVICE;
  return {
    ...{ endpoint, isWildcard },
    tiers: {
      // Felix does not support untracked policies of the endpoint for all devices.
      untracked: isWildcard ? [] : neverEnding(narrow(selecting, ({ stage }) => stage === 'untracked')),
      'pre-dnat': neverEnding(narrow(selecting, ({ stage }) => stage === 'pre-dnat')),
      normal,
      forward: narrow(normal, ({ forward }) => forward),
    },
    profiles: profilesOf(cluster, endpoint),
  };
}

function narrow(tiers: readonly PolicyTier[], wanted: (policy: Policy) => boolean): readonly PolicyTier[] {
  return tiers.flatMap((tier) => {
    const policies = tier.policies.filter(wanted);
    return policies.length === 0 ? [] : [{ ...tier, policies }];
  });
}

/** Who is asked this early leaves the rest to those that come later (felix/rules/endpoints.go: endpointIptablesChain). */
function neverEnding(tiers: readonly PolicyTier[]): readonly PolicyTier[] {
  return tiers.map((tier) => ({ ...tier, defaultAction: 'pass' }));
}

/** Profiles stand behind all tiers like one more; without any nothing passes. */
function profilesOf(cluster: Cluster, { profiles }: HostEndpoint): PolicyTier {
  const policies = profiles.map((name): Policy => {
    const given = cluster.profiles.find((profile) => profile.name === name);
    const rules = (direction: Direction): readonly PolicyRule[] =>
      given === undefined ? builtInRules(name, direction) : fromCalicoRules(given[direction], direction, undefined);
    const [egress, ingress] = DIRECTIONS.map(rules);
    return {
      ...{ api: 'calico', kind: 'Profile', namespace: undefined, name, source: given?.source, order: 0 },
      ...{ stage: 'normal', forward: false, subject: { kind: 'labels', namespace: undefined, selectors: [] } },
      rules: { ingress: ingress ?? [], egress: egress ?? [] },
    };
  });
  return { name: PROFILES, order: Number.POSITIVE_INFINITY, defaultAction: 'deny', policies };
}

const PROFILES = 'profiles';

/**
 * Calico makes a profile for each namespace, which allows everything, one for each service account without rules, and one
 * for host endpoints that allows everything. One that nobody made denies everything
 * (felix/calc/active_rules_calculator.go: DummyDropRules).
 */
function builtInRules(name: string, direction: Direction): readonly PolicyRule[] {
  if (name.startsWith('ksa.')) return [];
  const allows = name.startsWith('kns.') || name === 'projectcalico-default-allow';
  const everybody = { family: undefined, peers: undefined, own: undefined, traffic: undefined };
  return [{ field: `${direction}[0]`, name: undefined, action: allows ? 'allow' : 'deny', ...everybody }];
}
