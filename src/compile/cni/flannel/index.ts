/** flannel: the bridge plugin on every node, and a backend between the nodes. */
import type { CniSettings } from '../../../cluster/settings.ts';
import { lazy } from '../../../lib/lazy.ts';
import { familyOf } from '../../../net/address.ts';
import type { CniCompiler, Note, Parts } from '../../parts.ts';
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
    const pods = settings.podCIDRs.find(({ addr }) => familyOf(addr) === 4);
    const all = lazy(() => leases(cluster));
    const byNode = lazy(() => new Map(all().map((lease) => [lease.node.name, lease])));
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
      return { bridge: 'cni0', mtu, hairpinMode: true, podRoutes: pods === undefined ? [] : [pods] };
    };
    return {
      node(name): Parts {
        const own = byNode().get(name);
        const between =
          own === undefined || backend === undefined
            ? {}
            : backend.node(
                own,
                all().filter((lease) => lease !== own),
                origin(),
              );
        const { devices = [], ...rest } = between;
        return {
          ...rest,
          devices: [...devices, ...bridgeDevices(cluster, name, optionsOn(name), origins)],
          sysctls: { 'net.ipv4.ip_forward': '1', ...localnetRouting(cluster, name, 'cni0') },
          ...(own === undefined || pods === undefined
            ? {}
            : { iptables: flannelRules(pods, own.subnet, settings.proxy.randomFully, origin()) }),
        };
      },
      pod: (pod) => bridgePod(cluster, pod, optionsOn(pod.node ?? '')),
      enforcesPolicies: false,
      notes: notes(settings.cni, all()),
    };
  },
};

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
