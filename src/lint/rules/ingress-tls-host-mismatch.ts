/** Hosts of certificates and hosts of rules that do not meet. */
import { matchesOneLabel } from '../../cluster/http/host-match.ts';
import { text } from '../../explain/language.ts';
import { rawAt } from '../context.ts';
import { found, type LintRule } from '../rule.ts';

export const ingressTlsHostMismatch: LintRule = {
  id: 'ingress-tls-host-mismatch',
  severity: 'warning',
  title: text('Hosts of tls and of rules differ', 'tls 的主机与规则的主机不一致'),
  why: text(
    "A host without a certificate is served with the controller's own, which browsers refuse; a certificate for a host without a rule is never used.",
    '没有证书的主机会使用控制器自带证书，浏览器会拒绝；为没有规则的主机配置的证书不会被使用。',
  ),
  source: 'kubernetes.io, Ingress TLS: hosts must match the rules',
  *check({ cluster }) {
    for (const ingress of cluster.ingresses) {
      const { tlsHosts, rules } = ingress;
      if (tlsHosts.length === 0) continue;
      const hosts = rules.flatMap(({ host }) => (host === undefined ? [] : [host.toLowerCase()]));
      const hasEveryHost = rules.length === 0 || rules.some(({ host }) => host === undefined);
      for (const [index, { host }] of rules.entries()) {
        if (host === undefined || tlsHosts.some((each) => covers(each, host))) continue;
        yield found(ingress, ['spec', 'rules', index, 'host'], NO_CERTIFICATE, { host });
      }
      const tls = rawAt(ingress.source, ['spec', 'tls']);
      for (const index of Array.isArray(tls) ? tls.keys() : []) {
        const own = rawAt(ingress.source, ['spec', 'tls', index, 'hosts']);
        for (const [place, host] of (Array.isArray(own) ? own : []).entries()) {
          if (typeof host !== 'string' || hasEveryHost || hosts.some((each) => covers(host, each))) continue;
          yield found(ingress, ['spec', 'tls', index, 'hosts', place], NO_RULE, { host });
        }
      }
    }
  },
};

function covers(pattern: string, host: string): boolean {
  return pattern.toLowerCase() === host.toLowerCase() || matchesOneLabel(pattern, host.toLowerCase());
}

const NO_CERTIFICATE = text('no entry of tls is for host {host}', 'tls 中没有主机 {host} 的条目');
const NO_RULE = text('no rule is for host {host}', '没有规则对应主机 {host}');
