/** kube-proxy in iptables mode. */
import type { Parts, ProxyCompiler } from '../../parts.ts';
import { daemonListeners } from '../daemon-listeners.ts';
import { clusterRules } from './cluster-rules.ts';

export const iptablesProxy: ProxyCompiler = {
  name: 'iptables',
  forCluster(cluster, origins) {
    const version4 = clusterRules(cluster, 4, origins);
    const version6 = clusterRules(cluster, 6, origins);
    const listeners = daemonListeners(cluster);
    const nodes = new Map(cluster.settings.nodes.map((node) => [node.name, node]));
    return {
      notes: [],
      node(name): Parts {
        const { iptables, localhost } = version4.node(name);
        return {
          iptables,
          ...(version6.used ? { ip6tables: version6.node(name).iptables } : {}),
          sysctls: localhost ? { 'net.ipv4.conf.all.route_localnet': '1' } : {},
          listeners: listeners(nodes.get(name)),
        };
      },
    };
  },
};
