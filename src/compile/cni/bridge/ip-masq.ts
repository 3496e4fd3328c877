/** ipMasq: one chain per Pod that hides it behind the node outside its network (pkg/ip/ipmasq_iptables_linux.go). */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { IptablesSpec } from '../../../kernel/netns-spec.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf, printIp } from '../../../net/address.ts';
import { network, printPrefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import { cniChainName, networkName, podAddress, sandboxId } from '../network.ts';
import { hasOwnNamespace } from './wiring.ts';

const MULTICAST = { 4: '224.0.0.0/4', 6: 'ff00::/8' } as const;

export function ipMasq(cluster: Cluster, node: string, family: Family, origins: OriginTable): IptablesSpec {
  const name = networkName(cluster.settings.cni.plugin);
  const pods = cluster
    .podsOnNode(node)
    .filter(hasOwnNamespace)
    .flatMap((pod) => {
      const address = podAddress(cluster, pod, family);
      if (address === undefined) return [];
      const id = sandboxId(pod);
      const { namespace, name: podName, source } = pod;
      const origin = origins.mint({
        role: 'nat-outgoing',
        kind: 'Pod',
        namespace,
        name: podName,
        ...(source === undefined ? {} : { source }),
      });
      return [
        {
          address,
          chain: cniChainName(name, id),
          comment: ['-m', 'comment', '--comment', `name: "${name}" id: "${id}"`],
          origin,
        },
      ];
    });
  return {
    chains: pods.map(({ address, chain, comment, origin }) => ({
      table: 'nat',
      chain,
      rules: lazy(() => [
        { args: ['-d', printPrefix(network(address)), ...comment, '-j', 'ACCEPT'], origin },
        { args: ['!', '-d', MULTICAST[familyOf(address.addr)], ...comment, '-j', 'MASQUERADE'], origin },
      ]),
    })),
    hooks: pods.map(({ address, chain, comment, origin }) => ({
      table: 'nat',
      chain: 'POSTROUTING',
      place: 'append',
      rule: { args: ['-s', printIp(address.addr), ...comment, '-j', chain], origin },
    })),
  };
}
