/** One host and path twice: one of the two backends never sees a request. */

import { labelOf } from '../../cluster/selector.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule, nameOf } from '../rule.ts';

const CANARY = 'nginx.ingress.kubernetes.io/canary';

export const ingressPathDuplicate: LintRule = {
  id: 'ingress-path-duplicate',
  severity: 'warning',
  title: text('Two Ingress rules have one host and path', '两条 Ingress 规则的主机和路径相同'),
  why: text(
    'The older object wins with ingress-nginx, others choose otherwise: the second backend gets no request.',
    'ingress-nginx 以较早创建的对象为准，其他控制器可能不同：另一个后端收不到请求。',
  ),
  source: 'ingress-nginx: createServers(), getBackendServers()',
  *check({ cluster }) {
    const first = new Map<string, string>();
    for (const ingress of cluster.ingresses) {
      if (labelOf(ingress.annotations, CANARY) === 'true') continue;
      for (const [index, { host, paths }] of ingress.rules.entries()) {
        for (const [place, { path, pathType }] of paths.entries()) {
          const key = JSON.stringify([ingress.className ?? null, host?.toLowerCase() ?? null, path, pathType]);
          const other = first.get(key);
          const name = `${nameOf(ingress)} rules[${index}].paths[${place}]`;
          if (other === undefined) first.set(key, name);
          else {
            const values = { host: host ?? '*', path, other };
            yield found(ingress, ['spec', 'rules', index, 'http', 'paths', place, 'path'], MESSAGE, values);
          }
        }
      }
    }
  },
};

const MESSAGE = text('host {host} path {path} is that of {other} as well', '主机 {host} 路径 {path} 与 {other} 相同');
