/** What kubelet, and kubeadm's checks before it, leave in a node's own namespace (pkg/kubelet/kubelet_network_linux.go). */
import type { Cluster } from '../cluster/cluster.ts';
import { familiesOf } from '../cluster/node-networks.ts';
import type { TableName } from '../kernel/netfilter/hook.ts';
import type { ChainSpec, HookSpec } from '../kernel/netns-spec.ts';
import { eager } from '../lib/lazy.ts';
import { ip4 } from '../net/address.ts';
import type { OriginTable } from './origin.ts';
import type { Parts } from './parts.ts';

/**
 * kubelet starts before kube-proxy, which runs in a Pod: its jumps to KUBE-FIREWALL are therefore the lowest of the
 * KUBE jumps. The canary and the hint are empty chains; the first tells of a flush, the second which iptables is in use.
 */
export function kubeletParts(cluster: Cluster, origins: OriginTable): Parts {
  const { name, source, podCIDRs, serviceCIDRs } = cluster.settings;
  const dualStack = familiesOf([...podCIDRs, ...serviceCIDRs]).includes(6);
  const origin = origins.mint({ role: 'plumbing', kind: 'Cluster', name, ...(source === undefined ? {} : { source }) });
  const empty = (table: TableName, chain: string): ChainSpec => ({ table, chain, rules: eager([]) });
  const marks = [
    empty('mangle', 'KUBE-KUBELET-CANARY'),
    empty('nat', 'KUBE-KUBELET-CANARY'),
    empty('filter', 'KUBE-KUBELET-CANARY'),
    empty('mangle', 'KUBE-IPTABLES-HINT'),
  ];
  const jump = (chain: 'INPUT' | 'OUTPUT'): HookSpec => ({
    table: 'filter',
    chain,
    place: 'insert',
    rule: { args: ['-j', 'KUBE-FIREWALL'], origin },
  });
  return {
    sysctls: {
      'net.ipv4.ip_forward': '1',
      'net.bridge.bridge-nf-call-iptables': '1',
      'net.bridge.bridge-nf-call-ip6tables': '1',
      // kubeadm's preflight checks ask for it where the node has IPv6 (InitNodeChecks(): ipv6DefaultForwarding).
      ...(dualStack ? { 'net.ipv6.conf.all.forwarding': '1' } : {}),
    },
    listeners: [
      { protocol: 'tcp', port: 10250, process: 'kubelet' },
      { protocol: 'tcp', port: 10248, address: ip4(0x7f000001), process: 'kubelet' },
    ],
    // For IPv6 there are no martians to keep out, and so no KUBE-FIREWALL (syncIPTablesRules()).
    ...(dualStack ? { ip6tables: { chains: marks, hooks: [] } } : {}),
    iptables: {
      chains: [...marks, { table: 'filter', chain: 'KUBE-FIREWALL', rules: eager([{ args: BLOCK_LOCALNET, origin }]) }],
      hooks: [jump('OUTPUT'), jump('INPUT')],
    },
  };
}

/** route_localnet lets 127.0.0.0/8 in from outside; this keeps everybody out but the answers of translated connections. */
const BLOCK_LOCALNET: readonly string[] = [
  ...[
    '-m',
    'comment',
    '--comment',
    'block incoming localnet connections',
    '--dst',
    '127.0.0.0/8',
    '!',
    '--src',
    '127.0.0.0/8',
  ],
  ...['-m', 'conntrack', '!', '--ctstate', 'RELATED,ESTABLISHED,DNAT', '-j', 'DROP'],
];
