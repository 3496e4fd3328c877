import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const POLICY_CODES = {
  POLICY_EGRESS_DENY: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text('A rule of a policy denies what the source Pod sends.', '一条策略规则拒绝了源 Pod 发出的流量。'),
    summary: text(
      '{origin} denies egress of {pod} to {receiver} on {protocol}/{port}.',
      '{origin} 拒绝 {pod} 到 {receiver} 的 {protocol}/{port} 出站流量。',
    ),
    causes: [text('A policy with an explicit deny rule selects the Pod.', '含有显式拒绝规则的策略选中了该 Pod。')],
    fixes: [
      text(
        'Change the rule, or put an allowing rule of a higher order in front of it.',
        '修改该规则，或在其前面放置优先级更高的允许规则。',
      ),
    ],
  },
  POLICY_EGRESS_NO_MATCH: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text(
      'A policy selects the source Pod for egress and no rule admits the traffic: the default is to deny.',
      '有策略选中了源 Pod 的出站方向，但没有规则放行该流量：默认拒绝。',
    ),
    summary: text(
      '{policies}, and no egress rule admits {receiver} on {protocol}/{port}.',
      '{policies}，但没有出站规则放行到 {receiver} 的 {protocol}/{port}。',
    ),
    causes: [
      text(
        'The policy is a whitelist and this destination is not in it (DNS is often forgotten).',
        '策略是白名单，而该目的地址不在其中（常常忘记 DNS）。',
      ),
    ],
    fixes: [
      text(
        'Add an egress rule with the peer and port to one of the policies named.',
        '在所列策略之一中添加包含该对端和端口的出站规则。',
      ),
    ],
  },
  POLICY_INGRESS_DENY: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text(
      'A rule of a policy denies what arrives for the destination Pod.',
      '一条策略规则拒绝了到达目的 Pod 的流量。',
    ),
    summary: text(
      '{origin} denies ingress from {sender} to {pod} on {protocol}/{port}.',
      '{origin} 拒绝从 {sender} 到 {pod} 的 {protocol}/{port} 入站流量。',
    ),
    causes: [text('A policy with an explicit deny rule selects the Pod.', '含有显式拒绝规则的策略选中了该 Pod。')],
    fixes: [
      text(
        'Change the rule, or put an allowing rule of a higher order in front of it.',
        '修改该规则，或在其前面放置优先级更高的允许规则。',
      ),
    ],
  },
  POLICY_INGRESS_NO_MATCH: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text(
      'A policy selects the destination Pod for ingress and no rule admits the traffic: the default is to deny.',
      '有策略选中了目的 Pod 的入站方向，但没有规则放行该流量：默认拒绝。',
    ),
    summary: text(
      '{policies}, and no ingress rule admits {sender} on {protocol}/{port}.',
      '{policies}，但没有入站规则放行 {sender} 对 {protocol}/{port} 的访问。',
    ),
    causes: [
      text(
        'The policy is a whitelist and this client is not in it (wrong labels, wrong namespace, translated address).',
        '策略是白名单，而该客户端不在其中（标签不对、命名空间不对或地址被转换）。',
      ),
    ],
    fixes: [
      text(
        'Add an ingress rule with the peer and port to one of the policies named.',
        '在所列策略之一中添加包含该对端和端口的入站规则。',
      ),
    ],
  },
  POLICY_NAMED_PORT_UNRESOLVED: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text(
      'A policy names a port that the selected Pod does not declare, so the rule admits nothing.',
      '策略使用了端口名，而被选中的 Pod 没有声明该名字，因此规则不放行任何流量。',
    ),
    summary: text(
      '{policies}, and the rule that would fit names a port that no container of the destination declares.',
      '{policies}，但本应匹配的规则使用了目的 Pod 没有声明的端口名。',
    ),
    causes: [
      text(
        'The name is misspelt, or the container has no port of this name and protocol.',
        '名字拼写错误，或容器没有该名字和协议的端口。',
      ),
    ],
    fixes: [
      text(
        'Give the containerPort the name, or write the number in the policy.',
        '为 containerPort 命名，或在策略中写端口号。',
      ),
    ],
  },
  POLICY_NOT_ENFORCED: {
    layer: 'policy',
    symptom: undefined,
    meaning: text(
      'NetworkPolicies exist, but the CNI plugin of this cluster does not enforce them.',
      '存在 NetworkPolicy，但本集群的 CNI 插件不执行它们。',
    ),
    summary: text(
      'The CNI plugin of this cluster does not enforce NetworkPolicy: {policies} would apply and change nothing.',
      '本集群的 CNI 插件不执行 NetworkPolicy：{policies} 本应适用，但不起作用。',
    ),
    causes: [
      text('flannel and the bridge plugin alone enforce no policies.', 'flannel 和 bridge 插件本身不执行策略。'),
    ],
    fixes: [
      text('Use a CNI plugin that enforces policies, such as Calico.', '使用能执行策略的 CNI 插件，例如 Calico。'),
    ],
  },
  HOST_ENDPOINT_DENY: {
    layer: 'policy',
    symptom: 'timeout',
    meaning: text(
      'The policies of a host endpoint do not admit the traffic of the node itself.',
      '主机端点的策略没有放行节点自身的流量。',
    ),
    summary: text(
      'The policies of the host endpoint on {node} do not admit {from} > {to} on {protocol}/{port} ({origin}).',
      '{node} 的主机端点策略没有放行 {from} > {to} 的 {protocol}/{port}（{origin}）。',
    ),
    causes: [
      text(
        'A HostEndpoint turns the policy of the node into a whitelist; only failsafe ports stay open.',
        'HostEndpoint 使节点的策略成为白名单；只有 failsafe 端口保持开放。',
      ),
    ],
    fixes: [
      text(
        'Add a GlobalNetworkPolicy that admits the traffic, or extend the failsafe ports.',
        '添加放行该流量的 GlobalNetworkPolicy，或扩展 failsafe 端口。',
      ),
    ],
  },
} as const satisfies Record<string, CodeEntry>;
