/** Pods that cannot ask the cluster's DNS over TCP: measured at its real Pods (cyclonus: CheckDNSBlockedOnTCP looks at 8.8.8.8). */
import { text } from '../../explain/language.ts';
import { blockedDns } from '../dns.ts';
import type { LintRule } from '../rule.ts';

export const dnsBlockedTcp: LintRule = {
  id: 'dns-blocked-tcp',
  severity: 'info',
  title: text('Policies keep Pods from the cluster DNS over TCP', '策略使 Pod 无法通过 TCP 访问集群 DNS'),
  why: text(
    'Answers that do not fit into a datagram are asked again over TCP (RFC 7766): big answers fail, and only they.',
    '放不进一个数据报的应答会改用 TCP 重新查询（RFC 7766）：只有大的应答会失败。',
  ),
  source: 'kubernetes.io, DNS for Services and Pods; cyclonus: CheckDNSBlockedOnTCP',
  check: (context) => blockedDns(context, 'TCP'),
};
