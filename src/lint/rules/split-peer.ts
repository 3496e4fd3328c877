/** Two list items where one was meant: `- namespaceSelector` and `- podSelector` are OR, and open the whole namespace. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const splitPeer: LintRule = {
  id: 'split-peer',
  severity: 'warning',
  title: text(
    'A namespaceSelector and a podSelector are two list items (OR)',
    'namespaceSelector 与 podSelector 写成了两个列表项（或）',
  ),
  why: text(
    'Two items mean either: every Pod of those namespaces, and Pods with those labels in the own namespace. One dash less means Pods with those labels in those namespaces.',
    '两个列表项表示“或”：这些命名空间的所有 Pod，以及本命名空间中带这些标签的 Pod。去掉一个短横线才表示这些命名空间中带这些标签的 Pod。',
  ),
  source: 'kubernetes.io, Network Policies (Behavior of to and from selectors)',
  *check({ cluster }) {
    for (const policy of cluster.policies) {
      for (const direction of ['ingress', 'egress'] as const) {
        const list = direction === 'ingress' ? 'from' : 'to';
        for (const [index, { peers }] of policy[direction].entries()) {
          for (const [place, peer] of peers.entries()) {
            const before = peers[place - 1];
            if (peer.kind !== 'pods' || before?.kind !== 'pods') continue;
            const isSplit =
              before.namespaceSelector !== undefined &&
              before.podSelector === undefined &&
              peer.podSelector !== undefined &&
              peer.namespaceSelector === undefined;
            if (isSplit)
              yield found(policy, ['spec', direction, index, list, place], MESSAGE, { list }, { hint: HINT });
          }
        }
      }
    }
  },
};

const MESSAGE = text(
  'the podSelector is an item of its own: the one before means every Pod of its namespaces',
  'podSelector 是单独的一项：前一项表示其命名空间的所有 Pod',
);
const HINT = text(
  'if both are to hold, write podSelector in the same item, without its dash',
  '若两者都须满足，请把 podSelector 写进同一项（去掉短横线）',
);
