/** A Service leads to a number on which none of its Pods listens. */

import { podListeners } from '../../compile/pod-listeners.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule, listNames } from '../rule.ts';

export const targetPortNotListened: LintRule = {
  id: 'target-port-not-listened',
  severity: 'warning',
  title: text('No Pod of a Service listens on its targetPort', 'Service 的 Pod 都不监听其 targetPort'),
  why: text(
    'Connections reach a Pod and are refused there. Told only where all Pods declare their ports, or say with nettrace/listen what they listen on.',
    '连接到达 Pod 后会被拒绝。仅当所有 Pod 都声明了端口（或用 nettrace/listen 写明）时才报告。',
  ),
  source: 'Kubernetes API reference, ServicePort.targetPort; ux.md P1 54',
  *check({ cluster, endpointsGiven }) {
    for (const service of cluster.services) {
      const { selector, namespace, name, ports } = service;
      if (selector === undefined || endpointsGiven().has(`${namespace}/${name}`)) continue;
      const pods = cluster.podsWithLabels(namespace, selector);
      const listeners = pods.flatMap((pod) => podListeners(pod));
      if (listeners.length === 0 || listeners.some(({ port }) => port === 'any')) continue;
      for (const [index, { targetPort, protocol }] of ports.entries()) {
        if (typeof targetPort === 'string') continue;
        const own = listeners.filter((each) => each.protocol === protocol.toLowerCase());
        if (own.some(({ port }) => port === targetPort)) continue;
        const known = [...new Set(own.map(({ port }) => Number(port)))].sort((a, b) => a - b).map(String);
        const values = { port: `${targetPort}/${protocol}`, known: listNames(known, 8) };
        const place = ['spec', 'ports', index, 'targetPort'];
        yield found(service, place, MESSAGE, values, known.length === 0 ? {} : { hint: HINT });
      }
    }
  },
};

const MESSAGE = text('none of its Pods listens on {port}', '它的 Pod 都不监听 {port}');
const HINT = text('they listen on {known}', '它们监听 {known}');
