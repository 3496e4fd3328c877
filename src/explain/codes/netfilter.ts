import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const NETFILTER_CODES = {
  NETFILTER_RULE_DROP: {
    layer: 'netfilter',
    symptom: 'timeout',
    meaning: text('An iptables rule drops the packet.', '一条 iptables 规则丢弃了数据包。'),
    summary: text(
      'A rule in {place} on {node} drops the packet to {to}: {rule}',
      '{node} 上 {place} 的一条规则丢弃了去往 {to} 的数据包：{rule}',
    ),
    causes: [text('A rule of a firewall, of Docker or of the CNI plugin.', '防火墙、Docker 或 CNI 插件的规则。')],
    fixes: [text('Remove the rule, or put an ACCEPT in front of it.', '删除该规则，或在其前面添加 ACCEPT。')],
  },
  NETFILTER_RULE_REJECT: {
    layer: 'netfilter',
    symptom: 'refused',
    meaning: text(
      'An iptables rule rejects the packet and tells the sender.',
      '一条 iptables 规则拒绝了数据包并通知发送者。',
    ),
    summary: text(
      'A rule in {place} on {node} rejects the packet to {to}: {rule}',
      '{node} 上 {place} 的一条规则拒绝了去往 {to} 的数据包：{rule}',
    ),
    causes: [
      text(
        'A REJECT rule of a firewall, such as the last rule of firewalld or of a distribution.',
        '防火墙的 REJECT 规则，例如 firewalld 或发行版默认的最后一条规则。',
      ),
    ],
    fixes: [text('Remove the rule, or put an ACCEPT in front of it.', '删除该规则，或在其前面添加 ACCEPT。')],
  },
  NETFILTER_POLICY_DROP: {
    layer: 'netfilter',
    symptom: 'timeout',
    meaning: text(
      'No rule took the packet and the policy of the built-in chain is DROP.',
      '没有规则处理该数据包，而内建链的默认策略是 DROP。',
    ),
    summary: text(
      'No rule in {place} on {node} takes the packet to {to}, and the policy of the chain is DROP.',
      '{node} 上 {place} 没有规则处理去往 {to} 的数据包，而该链的默认策略是 DROP。',
    ),
    causes: [text('Docker sets the policy of FORWARD to DROP.', 'Docker 将 FORWARD 的默认策略设为 DROP。')],
    fixes: [
      text(
        'iptables -P FORWARD ACCEPT, or add a rule that accepts the traffic.',
        '执行 iptables -P FORWARD ACCEPT，或添加放行规则。',
      ),
    ],
  },
  CONNTRACK_INVALID: {
    layer: 'netfilter',
    symptom: 'timeout',
    meaning: text(
      'Connection tracking cannot place the packet (state INVALID) and a rule drops such packets.',
      '连接跟踪无法归类该数据包（状态 INVALID），而规则会丢弃这类数据包。',
    ),
    summary: text(
      'Connection tracking on {node} calls the packet {from} > {to} INVALID, and a rule in {place} drops such packets.',
      '{node} 的连接跟踪认为数据包 {from} > {to} 状态为 INVALID，{place} 的规则丢弃这类数据包。',
    ),
    causes: [
      text(
        'The two directions take different paths, so that a machine sees only one of them.',
        '往返路径不同，机器只看到其中一个方向。',
      ),
    ],
    fixes: [
      text(
        'Make the path symmetric, or masquerade so that the reply comes back the same way.',
        '让路径对称，或做 masquerade 使回程走同一路径。',
      ),
    ],
  },
  NAT_REPLY_ASYMMETRIC: {
    layer: 'netfilter',
    symptom: 'timeout',
    meaning: text(
      'The reply bypasses the machine that translated the request, so the client gets it from an address it never asked.',
      '回包绕过了做地址转换的机器，客户端收到来自陌生地址的回包。',
    ),
    summary: text(
      'The request was translated on the way to {destination}, but the reply from {from} does not pass that translation again; {source} does not know this address.',
      '去往 {destination} 的请求在途中做了地址转换，而来自 {from} 的回包没有经过同一转换；{source} 不认识这个地址。',
    ),
    causes: [
      text(
        'Client and backend share a subnet and nothing masquerades the request.',
        '客户端与后端在同一子网，而请求没有做 masquerade。',
      ),
    ],
    fixes: [
      text(
        'Masquerade the request (masqueradeAll, a right clusterCIDR), or route the reply through the same machine.',
        '对请求做 masquerade（masqueradeAll 或正确的 clusterCIDR），或让回包经过同一台机器。',
      ),
    ],
  },
  HAIRPIN_NOT_MASQUERADED: {
    layer: 'netfilter',
    symptom: 'timeout',
    meaning: text(
      'A Pod reaches itself through a Service, and the request keeps the address of the Pod as its source.',
      'Pod 通过 Service 访问自己，而请求仍以 Pod 自己的地址为源。',
    ),
    summary: text(
      '{source} is its own backend for {destination}, and the request is not masqueraded: a packet from {from} to itself is dropped.',
      '{source} 是 {destination} 的后端之一，请求没有做 masquerade：从 {from} 发给自己的数据包被丢弃。',
    ),
    causes: [
      text(
        'The rule that marks hairpin traffic for masquerading is missing or does not match.',
        '标记 hairpin 流量做 masquerade 的规则缺失或不匹配。',
      ),
    ],
    fixes: [
      text(
        'Check the KUBE-SEP chain for `-s POD/32 -j KUBE-MARK-MASQ`; check KUBE-POSTROUTING.',
        '检查 KUBE-SEP 链中的 `-s POD/32 -j KUBE-MARK-MASQ`，并检查 KUBE-POSTROUTING。',
      ),
    ],
  },
} as const satisfies Record<string, CodeEntry>;
