/** On which ports kube-proxy itself listens, in every mode. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Listener } from '../../kernel/socket.ts';
import { lazy } from '../../lib/lazy.ts';
import { ip4 } from '../../net/address.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import { proxyServicePorts } from './service-port.ts';

/** healthzBindAddress and metricsBindAddress of KubeProxyConfiguration. */
const DAEMON: readonly Listener[] = [
  { protocol: 'tcp', port: 10256, process: 'kube-proxy' },
  { protocol: 'tcp', port: 10249, address: ip4(0x7f000001), process: 'kube-proxy' },
];

/**
 * For each node: the daemon's own ports, and the health check servers of LoadBalancer Services with
 * externalTrafficPolicy Local. Every node runs all of those: they answer 200 where a ready endpoint is local, else 503,
 * and listen where NodePorts are (pkg/proxy/healthcheck: NewServiceHealthServer).
 */
export function daemonListeners(cluster: Cluster): (node: NodeSettings | undefined) => readonly Listener[] {
  const { proxy } = cluster.settings;
  const families = ([4, 6] as const).map((family) => ({
    family,
    ports: lazy(() => {
      const ports = new Set(proxyServicePorts(cluster, family).map(({ healthCheckNodePort }) => healthCheckNodePort));
      ports.delete(0);
      return ports;
    }),
  }));
  return (node) => {
    const servers = families.flatMap(({ family, ports }) => {
      if (ports().size === 0) return [];
      const { accept } = nodePortAddresses(proxy, node, family);
      const addresses = accept === 'all' ? [{}] : accept.map((address) => ({ address }));
      return [...ports()].flatMap((port): readonly Listener[] =>
        addresses.map((at) => ({ protocol: 'tcp', port, process: 'kube-proxy', ...at })),
      );
    });
    const once = new Map(servers.map((server) => [`${server.address} ${server.port}`, server]));
    return [...DAEMON, ...once.values()];
  };
}
