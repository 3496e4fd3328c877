/** Pods that no policy selects, in a namespace where others are selected. */
import { text } from '../../explain/language.ts';
import { groupBy } from '../../lib/group-by.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const unprotectedPods: LintRule = {
  id: 'unprotected-pods',
  severity: 'info',
  title: text('Pods without a policy in a namespace that has policies', '有策略的命名空间中存在未被选中的 Pod'),
  why: text(
    'A Pod that no policy selects for ingress is open to everybody; a default deny for the namespace closes what is forgotten.',
    '没有策略为 ingress 选中的 Pod 对所有人开放；命名空间的默认拒绝策略可以兜底。',
  ),
  source: 'kubernetes.io, Network Policies (default deny); openshift ai-helpers #586; netpol-analyzer exposure',
  *check({ cluster, policies }) {
    const facts = policies();
    if (!facts.connectivity.world.profile.enforces) return;
    for (const [namespace, own] of groupBy(cluster.policies, (policy) => policy.namespace)) {
      const [first] = own;
      const slots = new Set(
        cluster.podsInNamespace(namespace).flatMap((pod) => facts.connectivity.classes.slotOf.get(pod) ?? []),
      );
      const open = [...slots].filter(
        (slot) =>
          facts.connectivity.classes.slots[slot]?.kind === 'pods' && !facts.connectivity.isSelected(slot, 'ingress'),
      );
      if (first === undefined || open.length === 0 || open.length === slots.size) continue;
      yield found(first, ['metadata', 'namespace'], MESSAGE, { namespace, pods: listNames(facts.workloadsOf(open)) });
    }
  },
};

const MESSAGE = text(
  'in namespace {namespace} no policy selects {pods} for ingress',
  '命名空间 {namespace} 中没有策略为 ingress 选中 {pods}',
);
