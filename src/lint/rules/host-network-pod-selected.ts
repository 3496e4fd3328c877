/** A policy whose selector fits Pods on the host network: no policy applies to them. */

import { matchesSelector } from '../../cluster/selector.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const hostNetworkPodSelected: LintRule = {
  id: 'host-network-pod-selected',
  severity: 'warning',
  title: text('A policy selects Pods on the host network', '策略选中了使用主机网络的 Pod'),
  why: text(
    "To the network they are the node: what policies do to them is not defined, and in practice nothing. As a peer they are matched by the node's address only.",
    '对网络而言它们就是节点：策略对其效果没有定义，实际上不起作用。作为对端时只能用节点地址匹配。',
  ),
  source: 'kubernetes.io, Network Policies (hostNetwork Pods); antrea #8041',
  *check({ cluster }) {
    for (const policy of cluster.policies) {
      const { podSelector } = policy;
      // Whoever selects all Pods does not mean these.
      if (Object.keys(podSelector.matchLabels).length + podSelector.matchExpressions.length === 0) continue;
      const hosts = cluster
        .podsInNamespace(policy.namespace)
        .filter(({ hostNetwork, labels }) => hostNetwork && matchesSelector(podSelector, labels));
      if (hosts.length === 0) continue;
      const pods = listNames([...new Set(hosts.map(({ name, owner }) => owner?.name ?? name))]);
      yield found(policy, ['spec', 'podSelector'], MESSAGE, { pods });
    }
  },
};

const MESSAGE = text(
  'selects {pods}, which is on the host network: no policy applies to it',
  '选中了使用主机网络的 {pods}：策略对其不起作用',
);
