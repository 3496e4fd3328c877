/** Docker containers on a Calico network, as endpoints of Calico (seed: Cluster A). */
import { createHash } from 'node:crypto';
import type { NodeSettings } from '../../cluster/settings.ts';
import type { Workload } from '../../compile/cni/calico/workload.ts';
import { type IpAddr, offsetIp, printIp } from '../../net/address.ts';
import { type Mac, parseMac } from '../../net/mac.ts';
import { lastIp } from '../../net/prefix.ts';
import type { ContainerInput } from './compile-containers.ts';
import { containerIssue } from './container-issue.ts';

/** libnetwork-plugin gave both ends of the pair this address (seed: Cluster A). */
const CALICO_MAC: Mac | undefined = parseMac('ee:ee:ee:ee:ee:ee');

export function calicoWorkloads({ placement, nodes, tunnels, issues }: ContainerInput): readonly Workload[] {
  const containers = placement.containers.filter(({ connection }) => connection.kind === 'calico');
  const used = new Map<IpAddr, string>();
  for (const { document } of containers) {
    const { address, name } = document;
    if (address === undefined) continue;
    const owner = used.get(address);
    if (owner === undefined) used.set(address, name);
    else
      issues.push(
        containerIssue(
          document,
          'address',
          'duplicate-address',
          `${printIp(address)} belongs to container ${owner} and to container ${name}`,
        ),
      );
  }
  return containers.flatMap(({ document, host, netns, connection, listeners }): readonly Workload[] => {
    const node = nodes.get(host);
    if (node === undefined) {
      issues.push(
        containerIssue(
          document,
          'host',
          'no-calico-node',
          `container ${document.name}: ${host} is no node of the Cluster document, so no Calico runs there`,
        ),
      );
      return [];
    }
    const ip = document.address ?? freeInBlocks(node, used, tunnels);
    if (ip === undefined) {
      issues.push(
        containerIssue(
          document,
          'address',
          'no-address',
          `container ${document.name}: node ${host} has no block with a free address`,
          'give the container an address, or the node a podCIDR',
        ),
      );
      return [];
    }
    used.set(ip, document.name);
    const mac = document.mac ?? CALICO_MAC;
    if (mac === undefined || connection.kind !== 'calico') return [];
    return [
      {
        kind: 'Container',
        name: document.name,
        node: host,
        netns,
        ips: [ip],
        hostInterface:
          document.hostInterface ?? `cali${createHash('sha1').update(document.name).digest('hex').slice(0, 11)}`,
        containerInterface: document.interface ?? 'cali0',
        mac,
        // calicoctl's network profile: its members may talk to each other, and nobody is kept out by default here.
        profiles: [{ name: connection.network.name, allows: true }],
        listeners,
        ports: [],
        source: document.source,
      },
    ];
  });
}

function freeInBlocks(node: NodeSettings, used: ReadonlyMap<IpAddr, string>, tunnels: boolean): IpAddr | undefined {
  const blocks = node.blocks ?? (node.podCIDR === undefined ? [] : [node.podCIDR]);
  for (const [index, block] of blocks.entries()) {
    const last = lastIp(block);
    let candidate = tunnels && index === 0 ? offsetIp(block.addr, 1) : block.addr;
    while (candidate !== last && used.has(candidate)) candidate = offsetIp(candidate, 1);
    if (!used.has(candidate)) return candidate;
  }
  return undefined;
}
