/** A port without a protocol is TCP, also where DNS is meant (cyclonus: CheckSourcePortMissingProtocol). */
import { text } from '../../explain/language.ts';
import { rawAt } from '../context.ts';
import { found, type LintRule } from '../rule.ts';

export const missingProtocol: LintRule = {
  id: 'missing-protocol',
  severity: 'info',
  title: text('A port of a policy has no protocol', '策略的端口没有写协议'),
  why: text(
    'The API server fills in TCP. Whoever meant UDP (DNS, QUIC, syslog) has opened the wrong port.',
    'API server 会填入 TCP。若本意是 UDP（DNS、QUIC、syslog），就开错了端口。',
  ),
  source: 'Kubernetes API reference, NetworkPolicyPort.protocol; cyclonus: CheckSourcePortMissingProtocol',
  *check({ cluster }) {
    for (const policy of cluster.policies) {
      for (const direction of ['ingress', 'egress'] as const) {
        for (const [index, { ports }] of policy[direction].entries()) {
          for (const [place, { port }] of ports.entries()) {
            const path = ['spec', direction, index, 'ports', place];
            if (rawAt(policy.source, [...path, 'protocol']) !== undefined) continue;
            yield found(policy, path, MESSAGE, { port: String(port ?? '*') }, { hint: HINT });
          }
        }
      }
    }
  },
};

const MESSAGE = text('port {port} has no protocol: it means TCP', '端口 {port} 没有协议：即 TCP');
const HINT = text('write protocol: TCP, or the one that is meant', '写上 protocol: TCP 或实际的协议');
