/** One list item where two were meant: each selector by itself fits somebody, and nobody fits both. */
import { hasPods } from '../../cluster/check-selectors.ts';
import { matchesSelector } from '../../cluster/selector.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const joinedPeer: LintRule = {
  id: 'joined-peer',
  severity: 'warning',
  title: text(
    'A namespaceSelector and a podSelector in one list item (AND) fit nobody together',
    '同一列表项中的 namespaceSelector 与 podSelector（且）没有同时匹配任何 Pod',
  ),
  why: text(
    "One item means both: Pods with those labels in those namespaces. There are none, and there are some with those labels in the policy's own namespace: probably two items were meant.",
    '同一项表示“且”：这些命名空间中带这些标签的 Pod，但不存在；而策略自己的命名空间中有带这些标签的 Pod：本意可能是两项。',
  ),
  source: 'kubernetes.io, Network Policies (Behavior of to and from selectors)',
  *check({ cluster }) {
    const populated = [...new Set(cluster.pods.map(({ namespace }) => namespace))];
    for (const policy of cluster.policies) {
      for (const direction of ['ingress', 'egress'] as const) {
        const list = direction === 'ingress' ? 'from' : 'to';
        for (const [index, { peers }] of policy[direction].entries()) {
          for (const [place, peer] of peers.entries()) {
            if (peer.kind !== 'pods' || peer.podSelector === undefined || peer.namespaceSelector === undefined)
              continue;
            const { podSelector: pods, namespaceSelector: namespaces } = peer;
            if (!hasPods(cluster, policy.namespace, pods)) continue;
            const inside = populated.filter((name) => matchesSelector(namespaces, cluster.namespaceLabels(name)));
            if (inside.length === 0 || inside.some((name) => hasPods(cluster, name, pods))) continue;
            yield found(
              policy,
              ['spec', direction, index, list, place],
              MESSAGE,
              { namespace: policy.namespace },
              { hint: HINT },
            );
          }
        }
      }
    }
  },
};

const MESSAGE = text(
  'no Pod of those namespaces has those labels, and Pods of {namespace} have them',
  '这些命名空间中没有带这些标签的 Pod，而 {namespace} 中有',
);
const HINT = text('if either is enough, write two list items', '若满足其一即可，请写成两个列表项');
