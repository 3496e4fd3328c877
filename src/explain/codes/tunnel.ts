import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const TUNNEL_CODES = {
  TUNNEL_ENDPOINT_UNKNOWN: {
    layer: 'tunnel',
    symptom: 'timeout',
    meaning: text(
      'The tunnel does not know its remote end, or the remote machine has no tunnel device for it.',
      '隧道不知道对端，或对端机器没有相应的隧道设备。',
    ),
    summary: text(
      'The tunnel {device} of {node} finds no other end for {to}.',
      '{node} 的隧道 {device} 找不到 {to} 的对端。',
    ),
    causes: [
      text(
        'The forwarding entry or the address annotation of the node is missing, or the nodes disagree about encapsulation.',
        '缺少转发表项或节点地址注解，或各节点的封装方式不一致。',
      ),
    ],
    fixes: [
      text(
        'Compare `ip -d link` and `bridge fdb` of both nodes; use one encapsulation for all.',
        '比较两个节点的 `ip -d link` 和 `bridge fdb`；统一封装方式。',
      ),
    ],
  },
  TUNNEL_BLOCKED: {
    layer: 'tunnel',
    symptom: 'timeout',
    meaning: text('The encapsulated packet is dropped between the nodes.', '封装后的数据包在节点之间被丢弃。'),
    summary: text(
      'The tunnel packet {from} > {to} is dropped at {end}; the packet inside never arrives.',
      '隧道数据包 {from} > {to} 在 {end} 被丢弃；其中的数据包无法到达。',
    ),
    causes: [
      text(
        'A firewall or security group does not admit IP protocol 4 (IPIP) or UDP 4789 (VXLAN) between the nodes.',
        '防火墙或安全组没有放行节点之间的 IP 协议 4（IPIP）或 UDP 4789（VXLAN）。',
      ),
    ],
    fixes: [text('Allow the tunnel protocol between all nodes.', '在所有节点之间放行隧道协议。')],
  },
} as const satisfies Record<string, CodeEntry>;
