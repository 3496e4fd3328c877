/** flannel: the bridge plugin on every node, and a backend between the nodes. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { CniSettings } from '../../../cluster/settings.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf } from '../../../net/address.ts';
import type { Prefix } from '../../../net/prefix.ts';
import type { CniCompiler, Note, Parts } from '../../parts.ts';
import { forwardingSysctls } from '../bridge/forwarding-sysctls.ts';
import { localnetRouting } from '../bridge/index.ts';
import { type BridgeOptions, bridgeDevices, bridgePod } from '../bridge/wiring.ts';
import { type Backend, hostGateway, type Lease, leases, onLink, vxlan } from './backends.ts';
import { ipip } from './ipip.ts';
import { flannelRules } from './rules.ts';

export const flannel: CniCompiler = {
  name: 'flannel',
  forCluster(cluster, origins) {
    const { settings } = cluster;
    const backend = backendOf(settings.cni);
    const families = ([4, 6] as const).flatMap((family) => {
      const pods = settings.podCIDRs.find(({ addr }) => familyOf(addr) === family);
      return pods === undefined ? [] : [familyShare(cluster, family, pods)];
    });
    const nodes = lazy(() => new Map(settings.nodes.map((node) => [node.name, node])));
    const origin = lazy(() =>
      origins.mint({
        role: 'pod-route',
        kind: 'Cluster',
        name: settings.name,
        field: 'spec.cni',
        ...(settings.source === undefined ? {} : { source: settings.source }),
      }),
    );
    const optionsOn = (name: string): BridgeOptions => {
      const node = nodes().get(name);
      const mtu = node === undefined ? 1500 : (backend ?? hostGateway).podMtu(node);
      return { bridge: 'cni0', mtu, hairpinMode: true, podRoutes: families.map(({ pods }) => pods) };
    };
    return {
      node(name): Parts {
        const shares = families.map((share) => betweenNodes(share, name, backend, origin));
        const rulesOf = (wanted: Family) => {
          const share = families.find(({ family }) => family === wanted);
          const own = share?.byNode().get(name);
          if (share === undefined || own === undefined) return undefined;
          return flannelRules(share.pods, own.subnet, settings.proxy.randomFully, origin());
        };
        const [iptables, ip6tables] = [rulesOf(4), rulesOf(6)];
        return {
          routes: shares.flatMap(({ routes = [] }) => routes),
          neighbours: shares.flatMap(({ neighbours = [] }) => neighbours),
          fdb: shares.flatMap(({ fdb = [] }) => fdb),
          devices: [
            ...shares.flatMap(({ devices = [] }) => devices),
            ...bridgeDevices(cluster, name, optionsOn(name), origins),
          ],
          sysctls: { ...forwardingSysctls(cluster, name, 'cni0'), ...localnetRouting(cluster, name, 'cni0') },
          ...(iptables === undefined ? {} : { iptables }),
          ...(ip6tables === undefined ? {} : { ip6tables }),
        };
      },
      pod: (pod) => bridgePod(cluster, pod, optionsOn(pod.node ?? '')),
      enforcesPolicies: false,
      notes: notes(settings.cni, leases(cluster, 4)),
    };
  },
};

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
  { family, all, byNode }: FamilyShare,
  name: string,
  backend: Backend | undefined,
  origin: Lazy<OriginId>,
): Parts {
  const own = byNode().get(name);
  if (own === undefined || backend === undefined || !backend.families.includes(family)) return {};
  const others = all().filter((lease) => lease !== own);
  return backend.node(own, others, origin());
}

function backendOf(cni: CniSettings): Backend | undefined {
  switch (cni.plugin === 'flannel' ? cni.flannel.backend : undefined) {
    case 'vxlan':
      return vxlan;
    case 'host-gw':
      return hostGateway;
    case 'ipip':
      return ipip;
    case 'udp':
    case undefined:
      return undefined;
  }
}

function notes(cni: CniSettings, all: readonly Lease[]): readonly Note[] {
  if (cni.plugin !== 'flannel') return [];
  if (cni.flannel.backend === 'udp') {
    return [
      {
        code: 'MODEL_UNSUPPORTED',
        message: "flannel's backend udp is not modelled: nodes have no route to Pods of other nodes",
      },
    ];
  }
  if (cni.flannel.backend !== 'host-gw') return [];
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
