/** flanneld on every node: a backend between the nodes, and its rules. What holds the Pods of a node is another plugin's. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { CniSettings, FlannelBackend, NodeSettings } from '../../../cluster/settings.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf } from '../../../net/address.ts';
import type { Prefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { Note, Parts } from '../../parts.ts';
import { type Backend, hostGateway, type Lease, leases, onLink, vxlan } from './backends.ts';
import { ipip } from './ipip.ts';
import { flannelRules } from './rules.ts';
import { udp } from './udp.ts';

export type Overlay = {
  /** The whole network's range of each family. */
  readonly pods: readonly Prefix[];
  /** What fits into the backend's packets. */
  podMtu(node: NodeSettings): number;
  node(name: string): Parts;
  readonly notes: readonly Note[];
};

export function overlay(cluster: Cluster, origins: OriginTable): Overlay {
  const { settings } = cluster;
  const backend = backendOf(settings.cni);
  const families = ([4, 6] as const).flatMap((family) => {
    const pods = settings.podCIDRs.find(({ addr }) => familyOf(addr) === family);
    return pods === undefined ? [] : [familyShare(cluster, family, pods)];
  });
  const origin = lazy(() =>
    origins.mint({
      role: 'pod-route',
      kind: 'Cluster',
      name: settings.name,
      field: 'spec.cni',
      ...(settings.source === undefined ? {} : { source: settings.source }),
    }),
  );
  return {
    pods: families.map(({ pods }) => pods),
    podMtu: (node) => (backend ?? hostGateway).podMtu(node),
    node(name) {
      const shares = families.map((share) => betweenNodes(share, name, backend, origin));
      const rulesOf = (wanted: Family) => {
        const share = families.find(({ family }) => family === wanted);
        const own = share?.byNode().get(name);
        if (share === undefined || own === undefined) return undefined;
        return flannelRules(share.pods, own.subnet, settings.proxy.randomFully, origin());
      };
      const [iptables, ip6tables] = [rulesOf(4), rulesOf(6)];
      return {
        devices: shares.flatMap(({ devices = [] }) => devices),
        routes: shares.flatMap(({ routes = [] }) => routes),
        neighbours: shares.flatMap(({ neighbours = [] }) => neighbours),
        fdb: shares.flatMap(({ fdb = [] }) => fdb),
        listeners: shares.flatMap(({ listeners = [] }) => listeners),
        ...(iptables === undefined ? {} : { iptables }),
        ...(ip6tables === undefined ? {} : { ip6tables }),
      };
    },
    notes: notes(settings.cni, leases(cluster, 4)),
  };
}

/** One family's network: its range, and who holds which part of it. */
type FamilyShare = {
  readonly family: Family;
  readonly pods: Prefix;
  readonly all: Lazy<readonly Lease[]>;
  readonly byNode: Lazy<ReadonlyMap<string, Lease>>;
};

function familyShare(cluster: Cluster, family: Family, pods: Prefix): FamilyShare {
  const all = lazy(() => leases(cluster, family));
  return { family, pods, all, byNode: lazy(() => new Map(all().map((lease) => [lease.node.name, lease]))) };
}

function betweenNodes(
  { family, pods, all, byNode }: FamilyShare,
  name: string,
  backend: Backend | undefined,
  origin: Lazy<OriginId>,
): Parts {
  const own = byNode().get(name);
  if (own === undefined || backend === undefined || !backend.families.includes(family)) return {};
  const others = all().filter((lease) => lease !== own);
  return backend.node(own, others, origin(), pods);
}

function backendName(cni: CniSettings): FlannelBackend | undefined {
  return cni.plugin === 'flannel' || cni.plugin === 'canal' ? cni.flannel.backend : undefined;
}

function backendOf(cni: CniSettings): Backend | undefined {
  switch (backendName(cni)) {
    case 'vxlan':
      return vxlan;
    case 'host-gw':
      return hostGateway;
    case 'ipip':
      return ipip;
    case 'udp':
      return udp;
    case undefined:
      return undefined;
  }
}

function notes(cni: CniSettings, all: readonly Lease[]): readonly Note[] {
  if (backendName(cni) !== 'host-gw') return [];
  const [first] = all;
  const far =
    first === undefined ? [] : all.filter(({ node }) => !onLink(first.node, node)).map(({ node }) => node.name);
  if (first === undefined || far.length === 0) return [];
  const some = far.slice(0, 3).join(', ') + (far.length > 3 ? ` and ${far.length - 3} more` : '');
  return [
    {
      code: 'FLANNEL_HOST_GW_OFF_LINK',
      message: `flannel's backend host-gw needs all nodes on one link: ${first.node.name} can have no route to the Pods of ${some}`,
    },
  ];
}
