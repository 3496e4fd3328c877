/** A Service's targetPort is a name that no selected Pod gives to a port. */
import { checkTargetPorts } from '../../cluster/check-target-ports.ts';
import { text } from '../../explain/language.ts';
import type { LintRule } from '../rule.ts';
import { passOn } from './from-warning.ts';

export const targetPortMatchesNothing: LintRule = {
  id: 'target-port-matches-nothing',
  severity: 'error',
  title: text('A targetPort names a port that no Pod has', 'targetPort 引用了没有 Pod 声明的端口名'),
  why: text(
    'The Service has no endpoint on this port: connections are refused.',
    'Service 在该端口上没有端点：连接会被拒绝。',
  ),
  source: 'Kubernetes: endpointslice controller, FindPort()',
  check: ({ cluster, endpointsGiven }) =>
    checkTargetPorts(cluster, endpointsGiven(), Number.POSITIVE_INFINITY).map(passOn),
};
