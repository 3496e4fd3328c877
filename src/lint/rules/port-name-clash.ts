/** Two containers of a Pod give one name to two ports: who asks by name gets one of them. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const portNameClash: LintRule = {
  id: 'port-name-clash',
  severity: 'warning',
  title: text('Two ports of a Pod have one name', 'Pod 的两个端口同名'),
  why: text(
    'The API server checks names within a container only. A Service takes the first port of the name, a NetworkPolicy all of them.',
    'API server 只在单个容器内检查名字。Service 取第一个同名端口，而 NetworkPolicy 匹配全部。',
  ),
  source: 'Kubernetes: validateContainerPorts; endpointslice controller, FindPort()',
  *check({ cluster }) {
    for (const pod of cluster.pods) {
      const first = new Map<string, number>();
      for (const { name, port, protocol } of pod.ports) {
        if (name === undefined) continue;
        const key = `${protocol} ${name}`;
        const other = first.get(key);
        if (other === undefined) first.set(key, port);
        else if (other !== port) {
          const object = pod.owner === undefined ? pod : { ...pod.owner, namespace: pod.namespace, source: pod.source };
          const path = pod.owner === undefined ? ['spec', 'containers'] : ['spec', 'template', 'spec', 'containers'];
          yield found(object, path, MESSAGE, { name, first: String(other), second: String(port) }, { what: 'key' });
        }
      }
    }
  },
};

const MESSAGE = text(
  '{name} is the name of port {first} and of port {second}',
  '{name} 同时是端口 {first} 和端口 {second} 的名字',
);
