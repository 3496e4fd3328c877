/** Policies see packets after the Service was translated: its own port is the wrong one there. */
import { text } from '../../explain/language.ts';
import { portProblems } from '../policy-ports.ts';
import type { LintRule } from '../rule.ts';

export const servicePortInPolicy: LintRule = {
  id: 'service-port-in-policy',
  severity: 'error',
  title: text(
    'A policy names the port of a Service and not that of its Pods',
    '策略写的是 Service 的端口，而不是 Pod 的端口',
  ),
  why: text(
    'kube-proxy rewrites address and port before policies are asked: they see the targetPort. The rule allows nothing.',
    'kube-proxy 在策略检查之前就改写了地址和端口：策略看到的是 targetPort。该规则不会放行任何流量。',
  ),
  source: 'kubernetes.io, Network Policies; policy.md section 3 (post-DNAT)',
  check: (context) => portProblems(context, 'service-port'),
};
