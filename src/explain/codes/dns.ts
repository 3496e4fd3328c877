import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const DNS_CODES = {
  DNS_NXDOMAIN: {
    layer: 'dns',
    symptom: 'name-error',
    meaning: text(
      'The name does not exist: the DNS server answers NXDOMAIN for every name the resolver tries.',
      '域名不存在：解析器尝试的每个名字，DNS 服务器都回答 NXDOMAIN。',
    ),
    summary: text(
      '{source} cannot resolve {destination}: no name that its resolver tries exists. {elsewhere}',
      '{source} 无法解析 {destination}：解析器尝试的名字都不存在。{elsewhere}',
    ),
    causes: [
      text(
        'The Service is in another namespace and the name does not say which.',
        'Service 在另一个命名空间，而名字里没有写命名空间。',
      ),
      text('The name leaves out `svc`, or the namespace in front of it.', '名字漏写了 `svc` 或它前面的命名空间。'),
      text(
        'The client is a node or an outside host: their resolvers do not know cluster names.',
        '客户端是节点或集群外主机：它们的解析器不认识集群内的名字。',
      ),
    ],
    fixes: [
      text(
        'Write SERVICE.NAMESPACE, or the full name SERVICE.NAMESPACE.svc.cluster.local.',
        '写成 SERVICE.NAMESPACE，或完整的 SERVICE.NAMESPACE.svc.cluster.local。',
      ),
    ],
  },
  DNS_SERVER_UNREACHABLE: {
    layer: 'dns',
    symptom: 'name-error',
    meaning: text(
      'The DNS query, or its answer, is lost: the name cannot be resolved.',
      'DNS 查询或其应答丢失，域名无法解析。',
    ),
    summary: text(
      '{source} cannot resolve {destination}: its DNS query does not get an answer. {inner}',
      '{source} 无法解析 {destination}：DNS 查询得不到应答。{inner}',
    ),
    causes: [
      text(
        'An egress policy of the client does not admit UDP 53 to kube-dns.',
        '客户端的出站策略没有放行到 kube-dns 的 UDP 53。',
      ),
      text('The kube-dns Service has no ready endpoint.', 'kube-dns Service 没有就绪的端点。'),
    ],
    fixes: [
      text(
        'Allow egress to the Pods k8s-app=kube-dns in kube-system on UDP 53 and TCP 53.',
        '放行到 kube-system 中 k8s-app=kube-dns 的 Pod 的 UDP 53 和 TCP 53 出站流量。',
      ),
      text(
        'Check the DNS Pods: kubectl -n kube-system get pods -l k8s-app=kube-dns.',
        '检查 DNS Pod：kubectl -n kube-system get pods -l k8s-app=kube-dns。',
      ),
    ],
  },
} as const satisfies Record<string, CodeEntry>;
