/** An ipBlock inside the Pod network: addresses of Pods come and go, and what it means for Pods is the plugin's choice. */
import { text } from '../../explain/language.ts';
import { overlaps, printPrefix } from '../../net/prefix.ts';
import { ipBlocks } from '../ip-blocks.ts';
import { found, type LintRule } from '../rule.ts';

export const ipBlockOverPods: LintRule = {
  id: 'ip-block-over-pods',
  severity: 'warning',
  title: text('An ipBlock holds addresses of Pods', 'ipBlock 包含 Pod 的地址'),
  why: text(
    'ipBlock is meant for the outside: Calico takes addresses of Pods in it for Pods, Cilium does not, and Pods get others when they are made again. A block of every address (/0) is not told.',
    'ipBlock 用于集群外部：Calico 会把其中的 Pod 地址当作 Pod，Cilium 不会；而且 Pod 重建后地址会变。全部地址（/0）不报告。',
  ),
  source: 'Kubernetes API reference, IPBlock; calico #6634; netpol-analyzer #456',
  *check({ cluster }) {
    const { podCIDRs } = cluster.settings;
    for (const { policy, path, cidr, except } of ipBlocks(cluster)) {
      if (cidr.bits === 0) continue;
      const pods = podCIDRs.find((range) => overlaps(range, cidr));
      if (pods === undefined || except.some((hole) => hole.bits <= pods.bits && overlaps(hole, pods))) continue;
      yield found(policy, path, MESSAGE, { cidr: printPrefix(cidr), pods: printPrefix(pods) }, { hint: HINT });
    }
  },
};

const MESSAGE = text('{cidr} holds addresses of the Pod network {pods}', '{cidr} 包含 Pod 网段 {pods} 的地址');
const HINT = text(
  'select Pods by their labels, or leave {pods} out with except',
  '用标签选择 Pod，或用 except 排除 {pods}',
);
