/** Pods that cannot ask the cluster's DNS over UDP: measured at its real Pods (cyclonus: CheckDNSBlockedOnUDP looks at 8.8.8.8). */
import { text } from '../../explain/language.ts';
import { blockedDns } from '../dns.ts';
import type { LintRule } from '../rule.ts';

export const dnsBlockedUdp: LintRule = {
  id: 'dns-blocked-udp',
  severity: 'warning',
  title: text('Policies keep Pods from the cluster DNS over UDP', '策略使 Pod 无法通过 UDP 访问集群 DNS'),
  why: text(
    'Names are resolved before anything else: the first connection by name fails with a timeout of some seconds.',
    '任何连接之前都要先解析名字：第一个按名字的连接就会在几秒后超时失败。',
  ),
  source: 'kubernetes.io, DNS for Services and Pods; cyclonus: CheckDNSBlockedOnUDP',
  check: (context) => blockedDns(context, 'UDP'),
};
