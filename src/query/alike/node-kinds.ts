/** Nodes as what they do for packets to a Pod of theirs, without names and addresses. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Service } from '../../cluster/objects.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { lazy, memoize } from '../../lib/lazy.ts';
import { contains, network, type Prefix, printPrefix } from '../../net/prefix.ts';
import { kindText } from './kind-text.ts';

/** Equal texts: nothing but names and addresses differs. undefined: there is no such node. */
export function nodeKinds(cluster: Cluster): (name: string) => string | undefined {
  const settings = lazy(() => new Map(cluster.settings.nodes.map((node) => [node.name, node])));
  const shares = lazy(() => sharesByNode(cluster));
  const ranges = cluster.services.filter(({ loadBalancerSourceRanges }) => loadBalancerSourceRanges.length > 0);
  return memoize((name) => {
    const node = settings().get(name);
    return node === undefined
      ? undefined
      : kindText([
          ofSettings(node),
          labelsOf(cluster, name),
          shares().get(name),
          withinRanges(node, ranges),
          hostPorts(cluster, name),
        ]);
  });
}

/** Of addresses the network, of ranges that there are any: routes-alike.ts looks at the way to each Pod. */
function ofSettings({ name: _, source: _source, ...node }: NodeSettings): object {
  const { address, secondAddress, podCIDR, podCIDRs, blocks, tunnelAddress, secondTunnelAddress, ...rest } = node;
  return {
    ...rest,
    networks: [networkOf(address), networkOf(secondAddress)],
    given: [podCIDR, podCIDRs, blocks, tunnelAddress, secondTunnelAddress].map((value) => value !== undefined),
  };
}

function networkOf(address: Prefix | undefined): string {
  return address === undefined ? '' : printPrefix(network(address));
}

/** A Node's annotations are read into the settings, and nothing else of it decides about packets. */
function labelsOf(cluster: Cluster, name: string): object {
  const { 'kubernetes.io/hostname': _, ...labels } = cluster.node(name)?.labels ?? {};
  return labels;
}

/**
 * What kube-proxy sees of the node's own endpoints: whether there are any, and for Services that keep traffic local in what
 * state. Rules that refuse stand where there are none.
 */
function sharesByNode(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [index, service] of cluster.services.entries()) {
    const isLocal = service.externalTrafficPolicy === 'Local' || service.internalTrafficPolicy === 'Local';
    // In IPVS mode a set of the node's own endpoints, and the rule for it, stand where there is one.
    if (!isLocal && cluster.settings.proxy.mode !== 'ipvs') continue;
    for (const { endpoints, ports } of cluster.slicesOf(service)) {
      for (const { node, ready, serving, terminating } of endpoints) {
        if (node === undefined) continue;
        let shares = found.get(node);
        if (shares === undefined) {
          shares = new Set(['any']);
          found.set(node, shares);
        }
        if (isLocal) shares.add(kindText([index, ready, serving, terminating, ports]));
      }
    }
  }
  return new Map([...found].map(([node, shares]) => [node, [...shares].sort()]));
}

/** A node whose own address is within a load balancer's source ranges has an exception for itself. */
function withinRanges({ address, secondAddress }: NodeSettings, services: readonly Service[]): readonly boolean[] {
  return services.flatMap(({ loadBalancerSourceRanges }) =>
    loadBalancerSourceRanges.map((range) =>
      [address, secondAddress].some((own) => own !== undefined && contains(range, own.addr)),
    ),
  );
}

function hostPorts(cluster: Cluster, name: string): readonly string[] {
  return cluster
    .podsOnNode(name)
    .flatMap(({ ports }) => ports.filter(({ hostPort }) => hostPort !== undefined).map(kindText))
    .sort();
}
