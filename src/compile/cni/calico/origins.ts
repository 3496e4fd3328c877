/** Origins of Calico's rules and routes, each minted once for the whole cluster. */

import type { Pool } from '../../../cluster/calico-pools.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import type { HostEndpoint } from '../../../cluster/policy/calico-policy.ts';
import { type WrittenKind, writtenKind } from '../../../cluster/policy/written-kind.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { lazy, memoize } from '../../../lib/lazy.ts';
import type { OriginRole, OriginTable } from '../../origin.ts';
import type { Direction, Policy, PolicyObject, PolicyRule } from './policy-model.ts';
import { type Workload, workloadName } from './workload.ts';

export type Origins = {
  readonly plumbing: () => OriginId;
  readonly rpf: () => OriginId;
  readonly tunnelFilter: () => OriginId;
  readonly unknownWorkload: () => OriginId;
  readonly endpointToHost: () => OriginId;
  readonly natOutgoing: () => OriginId;
  readonly block: (node: string) => OriginId;
  readonly remoteBlock: (node: string) => OriginId;
  readonly workload: (workload: Workload) => OriginId;
  readonly profile: (name: string) => OriginId;
  readonly policyRule: (
    policy: PolicyObject,
    direction: Direction,
    index: number,
    action: PolicyRule['action'],
  ) => OriginId;
  /** The end of the tier: none of the policies that isolate the workload let the packet pass. */
  readonly policyDefault: (policy: Policy, direction: Direction, workload: Workload) => OriginId;
  /** The same for a host endpoint. */
  readonly hostDefault: (endpoint: HostEndpoint, policy: Policy, direction: Direction) => OriginId;
  /** No policy of a host endpoint decided, and no profile of it allows the packet. */
  readonly hostEndpoint: (endpoint: HostEndpoint) => OriginId;
};

export function makeOrigins(cluster: Cluster, table: OriginTable, pools: readonly Pool[]): Origins {
  const { settings } = cluster;
  const ofCluster = (role: OriginRole): (() => OriginId) =>
    lazy(() => table.mint({ role, kind: 'Cluster', name: settings.name, ...withSource(settings) }));
  const ofNode = (role: OriginRole): ((node: string) => OriginId) => {
    const nodes = lazy(() => new Map(settings.nodes.map((node) => [node.name, node])));
    return memoize((name: string) => table.mint({ role, kind: 'Node', name, ...withSource(nodes().get(name) ?? {}) }));
  };
  const natPool = pools.find(({ natOutgoing, source }) => natOutgoing && source !== undefined);
  return {
    plumbing: ofCluster('plumbing'),
    rpf: ofCluster('rpf'),
    tunnelFilter: ofCluster('tunnel-filter'),
    unknownWorkload: ofCluster('unknown-workload'),
    endpointToHost: lazy(() =>
      table.mint({
        role: 'host-endpoint',
        kind: 'FelixConfiguration',
        name: 'default',
        field: 'spec.defaultEndpointToHostAction',
        ...withSource(cluster.felixConfiguration ?? {}),
      }),
    ),
    natOutgoing: lazy(() =>
      natPool === undefined
        ? table.mint({
            role: 'nat-outgoing',
            kind: 'Cluster',
            name: settings.name,
            field: NAT_FIELD,
            ...withSource(settings),
          })
        : table.mint({
            role: 'nat-outgoing',
            kind: 'IPPool',
            name: natPool.name,
            field: 'spec.natOutgoing',
            ...withSource(natPool),
          }),
    ),
    block: ofNode('block'),
    remoteBlock: ofNode('bgp-route'),
    workload: memoize((workload: Workload) =>
      table.mint({
        role: 'pod-route',
        kind: workload.kind,
        name: workload.name,
        ...namespaceOf(workload),
        ...withSource(workload),
      }),
    ),
    profile: memoize((name: string) => table.mint({ role: 'profile', kind: 'Profile', name })),
    policyRule: (policy, direction, index, action) =>
      table.mint({
        role: ROLES[action],
        ...objectOf(policy),
        field: `spec.${direction}[${index}]`,
        direction,
      }),
    policyDefault: ({ object, tier }, direction, workload) =>
      table.mint({
        role: 'policy-default',
        ...objectOf(object),
        // The list that admits nothing for this packet; where the policy has none, readers fall back to its first line.
        field: `spec.${direction}`,
        direction,
        tier,
        pod: workloadName(workload),
      }),
    hostDefault: (_, { object, tier }, direction) =>
      table.mint({ role: 'host-endpoint', ...objectOf(object), field: `spec.${direction}`, direction, tier }),
    hostEndpoint: memoize((endpoint: HostEndpoint) => table.mint({ role: 'host-endpoint', ...objectOf(endpoint) })),
  };
}

const ROLES = { allow: 'policy-allow', deny: 'policy-deny', pass: 'policy-pass', log: 'policy-log' } as const;

function objectOf({ kind, namespace, name, source }: PolicyObject): PolicyObject & WrittenKind {
  return {
    ...writtenKind(kind),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(source === undefined ? {} : { source }),
  };
}

const NAT_FIELD = 'spec.cni.calico.natOutgoing';

function withSource<S>({ source }: { readonly source?: S }): { readonly source?: S } {
  return source === undefined ? {} : { source };
}

function namespaceOf({ namespace }: Workload): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}
