/** A headless Service whose port is not its targetPort: nothing translates. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const headlessPortMapping: LintRule = {
  id: 'headless-port-mapping',
  severity: 'warning',
  title: text('A headless Service maps a port', 'headless Service 配置了端口映射'),
  why: text(
    'Its name resolves to the Pods themselves, and kube-proxy makes no rules for it: clients that use the Service port reach a port on which nothing listens.',
    '它的名字直接解析为 Pod 地址，kube-proxy 不为其生成规则：使用 Service 端口的客户端会连到无人监听的端口。',
  ),
  source: 'kubernetes.io, Headless Services',
  *check({ cluster }) {
    for (const service of cluster.services) {
      if (!service.headless) continue;
      for (const [index, { port, targetPort }] of service.ports.entries()) {
        if (typeof targetPort === 'string' || targetPort === port) continue;
        const values = { port: String(port), target: String(targetPort) };
        yield found(service, ['spec', 'ports', index, 'targetPort'], MESSAGE, values, { hint: HINT });
      }
    }
  },
};

const MESSAGE = text(
  'is headless: nobody translates port {port} to {target}',
  '是 headless：没有谁把端口 {port} 转换为 {target}',
);
const HINT = text('write port: {target}', '写 port: {target}');
