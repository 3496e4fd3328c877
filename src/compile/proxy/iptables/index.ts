/** kube-proxy in iptables mode. */
import type { Listener } from '../../../kernel/socket.ts';
import { ip4 } from '../../../net/address.ts';
import type { Parts, ProxyCompiler } from '../../parts.ts';
import { clusterRules } from './cluster-rules.ts';

export const iptablesProxy: ProxyCompiler = {
  name: 'iptables',
  forCluster(cluster, origins) {
    const version4 = clusterRules(cluster, 4, origins);
    const version6 = clusterRules(cluster, 6, origins);
    return {
      notes: [],
      node(name): Parts {
        const { iptables, localhost } = version4.node(name);
        return {
          iptables,
          ...(version6.used() ? { ip6tables: version6.node(name).iptables } : {}),
          sysctls: localhost ? { 'net.ipv4.conf.all.route_localnet': '1' } : {},
          listeners: [...DAEMON, ...version4.healthChecks()],
        };
      },
    };
  },
};

/** healthzBindAddress and metricsBindAddress of KubeProxyConfiguration. */
const DAEMON: readonly Listener[] = [
  { protocol: 'tcp', port: 10256, process: 'kube-proxy' },
  { protocol: 'tcp', port: 10249, address: ip4(0x7f000001), process: 'kube-proxy' },
];
