/** Questions to every Service of a cluster, from Pods, nodes and outside. */
import { isIp4, printIp } from '../../../src/net/address.ts';
import type { Query } from '../../../src/query/query.ts';
import type { Loaded } from '../../../src/topology/load.ts';
import type { Random } from '../../kernel/lab/random.ts';

export function questionsTo({ cluster }: Loaded, random: Random): readonly Query[] {
  const pods = cluster.pods.map(({ namespace, name }) => `${namespace}/pod/${name}`);
  const sources = [...random.some(pods, 3), 'node/n1', 'host/client'];
  const nodes = cluster.settings.nodes.map(({ address }) => printIp(address.addr));
  return cluster.services.flatMap((service) =>
    service.ports.flatMap(({ port, nodePort, protocol }) => {
      const own = [...service.clusterIps, ...service.externalIps, ...service.loadBalancerIps.map(({ ip }) => ip)];
      const targets = [
        ...own.map((ip) => (isIp4(ip) ? `${printIp(ip)}:${port}` : `[${printIp(ip)}]:${port}`)),
        ...(nodePort === 0 ? [] : random.some(nodes, 2).map((ip) => `${ip}:${nodePort}`)),
      ];
      return targets.flatMap((destination) =>
        random.some(sources, 2).map(
          (source): Query => ({
            ...{ source, destination, protocol: protocol === 'UDP' ? 'udp' : 'tcp', steps: random.chance(0.6) },
            ...(random.chance(0.05) ? { ttl: random.int(1, 3) } : {}),
            ...(random.chance(0.05) ? { size: 1480 } : {}),
          }),
        ),
      );
    }),
  );
}
