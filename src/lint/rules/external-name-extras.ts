/** An ExternalName Service with a selector: an alias has no endpoints. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const externalNameExtras: LintRule = {
  id: 'external-name-extras',
  severity: 'warning',
  title: text('An ExternalName Service has a selector or maps ports', 'ExternalName Service 带有选择器或端口映射'),
  why: text(
    'It is an alias in DNS and nothing else: selector and targetPort do nothing, and clients use the port of their own choice.',
    '它只是 DNS 别名：选择器和 targetPort 不起作用，客户端使用自己选择的端口。',
  ),
  source: 'kubernetes.io, Service type ExternalName',
  *check({ cluster }) {
    for (const service of cluster.services) {
      if (service.type !== 'ExternalName') continue;
      if (service.selector !== undefined) yield found(service, ['spec', 'selector'], SELECTOR, {}, { what: 'key' });
      for (const [index, { port, targetPort }] of service.ports.entries()) {
        if (targetPort !== port) yield found(service, ['spec', 'ports', index, 'targetPort'], PORT);
      }
    }
  },
};

const SELECTOR = text('the selector of an ExternalName Service does nothing', 'ExternalName Service 的选择器不起作用');
const PORT = text(
  'the targetPort of an ExternalName Service does nothing',
  'ExternalName Service 的 targetPort 不起作用',
);
