/** A named port that no Pod at the receiving end has: the rule allows nothing. */
import { text } from '../../explain/language.ts';
import { portProblems } from '../policy-ports.ts';
import type { LintRule } from '../rule.ts';

export const namedPortMissing: LintRule = {
  id: 'named-port-missing',
  severity: 'error',
  title: text('A policy names a port that no Pod has', '策略引用了没有 Pod 声明的端口名'),
  why: text(
    'A name is looked up among the container ports of each receiving Pod, with the protocol: without one the rule allows nothing.',
    '名字按协议在每个接收方 Pod 的容器端口中查找：找不到时规则不放行任何流量。',
  ),
  source: 'Kubernetes API reference, NetworkPolicyPort.port; netpol-analyzer warns of it',
  check: (context) => portProblems(context, 'no-name'),
};
